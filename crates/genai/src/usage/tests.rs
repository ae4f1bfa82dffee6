//! The token rules, with the numbers of real captures.

use proptest::prelude::*;

use super::*;

const LLM: Known = Known {
    kind: Kind::Llm,
    input_excludes_cache: false,
    output_excludes_reasoning: false,
    answered: true,
    guessed: false,
};

fn sent(input: i64, output: i64) -> Sent {
    Sent { input: Some(input), output: Some(output), ..Sent::default() }
}

fn numbers(usage: &Usage) -> (Option<i64>, Option<i64>, Option<i64>) {
    (usage.input, usage.output, usage.total)
}

#[test]
fn anthropic_raw_and_summed_are_the_same_call() {
    let raw = Sent { cache_write: Some(275), ..sent(275, 23) };
    let raw = settle(raw, Known { input_excludes_cache: true, ..LLM });
    let summed = settle(Sent { cache_write: Some(275), ..sent(550, 23) }, LLM);
    assert_eq!(numbers(&raw), numbers(&summed));
    assert_eq!(raw.notes, [NOTE_ADDED_CACHE]);
    assert!(summed.notes.is_empty());
}

#[test]
fn numbers_that_contradict_themselves_are_mended() {
    let more_cache_than_input = Sent { cache_read: Some(900), ..sent(100, 5) };
    assert_eq!(numbers(&settle(more_cache_than_input, LLM)), (Some(1000), Some(5), Some(1005)));
    let gemini = Sent { reasoning: Some(64), total: Some(99), ..sent(12, 23) };
    assert_eq!(numbers(&settle(gemini, LLM)), (Some(12), Some(87), Some(99)));
    let thoughts_untold =
        settle(Sent { total: Some(99), ..sent(12, 23) }, Known { output_excludes_reasoning: true, ..LLM });
    assert_eq!(numbers(&thoughts_untold), (Some(12), Some(87), Some(99)));
    assert_eq!((thoughts_untold.reasoning, thoughts_untold.notes), (None, vec![NOTE_FROM_TOTAL]));
    let inside = Sent { reasoning: Some(64), total: Some(101), ..sent(15, 86) };
    assert_eq!(numbers(&settle(inside, LLM)), (Some(15), Some(86), Some(101)));
}

#[test]
fn zero_is_not_unknown_and_unknown_is_not_zero() {
    assert_eq!(numbers(&settle(sent(0, 0), LLM)), (None, None, None));
    assert_eq!(settle(sent(0, 0), LLM).source, None);
    assert_eq!(numbers(&settle(sent(7, 0), LLM)), (Some(7), None, None));
    let silent = Known { answered: false, ..LLM };
    assert_eq!(numbers(&settle(sent(7, 0), silent)), (Some(7), Some(0), Some(7)));
}

#[test]
fn embeddings_have_no_output() {
    let embedding = Known { kind: Kind::Embedding, ..LLM };
    assert_eq!(numbers(&settle(sent(9, 0), embedding)), (Some(9), None, Some(9)));
    assert_eq!(settle(sent(9, 0), embedding).source, Some(UsageSource::Reported));
}

#[test]
fn a_missing_part_follows_from_the_total() {
    let usage = settle(Sent { input: Some(10), total: Some(15), ..Sent::default() }, LLM);
    assert_eq!(numbers(&usage), (Some(10), Some(5), Some(15)));
    let only = settle(Sent { total: Some(15), ..Sent::default() }, LLM);
    assert_eq!(numbers(&only), (None, None, Some(15)));
}

#[test]
fn a_sum_of_others_is_an_aggregate() {
    let agent = Known { kind: Kind::Agent, ..LLM };
    assert_eq!(settle(sent(7, 3), agent).source, Some(UsageSource::Aggregate));
}

#[test]
fn the_uncached_tokens_tell_what_the_input_includes() {
    let excludes = Known { input_excludes_cache: true, ..LLM };
    let told = |input, uncached| {
        let sent =
            Sent { input, output: Some(5), cache_read: Some(65), cache_write: Some(17), uncached, ..Sent::default() };
        settle(sent, excludes).input
    };
    assert_eq!(told(Some(289), Some(207)), Some(289));
    assert_eq!(told(Some(207), Some(207)), Some(289));
    assert_eq!(told(None, Some(207)), Some(289));
    assert_eq!(told(Some(207), None), Some(289));
}

#[test]
fn openlit_takes_half_of_the_characters() {
    assert_eq!(half_of_characters("你好！我是 Kimi，很高兴为你服务。请问有什么可以帮你？"), 15);
    assert_eq!(half_of_characters(""), 0);
}

fn count() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![Just(None), (0_i64..1_000_000).prop_map(Some)]
}

proptest! {
    #[test]
    fn parts_never_exceed_their_whole(
        (input, output, total, cache_read, cache_write, reasoning) in (count(), count(), count(), count(), count(), count()),
        uncached in count(),
        (excludes, apart, answered, guessed) in any::<(bool, bool, bool, bool)>(),
    ) {
        let sent = Sent { input, output, total, cache_read, cache_write, reasoning, uncached, ..Sent::default() };
        let known = Known { kind: Kind::Llm, input_excludes_cache: excludes, output_excludes_reasoning: apart, answered, guessed };
        let usage = settle(sent, known);
        if let Some(input) = usage.input.filter(|_| sent.input.is_some()) {
            prop_assert!(usage.cache_read.unwrap_or(0) + usage.cache_write.unwrap_or(0) <= input);
        }
        if let Some(output) = usage.output.filter(|_| sent.output.is_some()) {
            prop_assert!(usage.reasoning.unwrap_or(0) <= output);
        }
        if let (Some(input), Some(output)) = (usage.input, usage.output) {
            prop_assert_eq!(usage.total, Some(input + output));
        }
        for number in [usage.input, usage.output, usage.total, usage.cache_read, usage.cache_write, usage.reasoning] {
            prop_assert!(number.is_none_or(|number| number >= 0));
        }
        prop_assert_eq!(usage.source.is_some(), usage.input.or(usage.output).or(usage.total).is_some());
    }

    #[test]
    fn settled_numbers_stay_settled((input, output) in (1_i64..1_000_000, 1_i64..1_000_000), (read, thought) in (0_i64..1_000, 0_i64..1_000)) {
        let first = settle(Sent { cache_read: Some(read), reasoning: Some(thought), ..sent(input, output) }, LLM);
        let again = Sent { input: first.input, output: first.output, total: first.total, cache_read: first.cache_read, cache_write: first.cache_write, reasoning: first.reasoning, ..Sent::default() };
        prop_assert_eq!(numbers(&settle(again, LLM)), numbers(&first));
    }
}
