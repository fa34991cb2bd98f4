package io.fundamentallm.samplers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/**
 * Cases of other systems' own tests and closed forms, each under its system's rules. A part that
 * lands later adds its handlers to {@link #handlers()} and takes its line out of {@link #LEFT_OUT}.
 */
class GoldenTest {
  /** By {@code system/sampler}, or {@code sampler} for all systems; the reason why. */
  private static final Map<String, String> LEFT_OUT = new LinkedHashMap<>();

  static {
    leaveOut(
        "run by GoldenDecodingTest",
        "beam_vs_greedy",
        "length_penalty",
        "beam_hypotheses",
        "hamming_diversity");
    leaveOut("run by GoldenDecodingTest", "contrastive_search");
    leaveOut(
        "run by SpeculationCasesTest",
        "point_mass_vs_rejection",
        "residual_distribution",
        "residual_sparse",
        "rejection_sampling",
        "accept_probability",
        "deterministic_proposal",
        "greedy_verification",
        "ngram_most_recent",
        "ngram_longest_earliest");
    leaveOut(
        "run by PublishedStopsTest of api",
        "eos_token",
        "max_length",
        "max_time",
        "stop_strings",
        "stop_strings_min_tokens",
        "stop_strings_truncation",
        "stop_string_token_positions",
        "repetition_detection",
        "utf8_complete");
    leaveOut("run by GoldenSchemasTest", "json_schema");
    leaveOut(
        "run by PublishedScoresTest of api",
        "bits_per_byte",
        "divergences",
        "entropy_bits",
        "sequence_score",
        "disjoint_window",
        "rolling_windows");
    leaveOut("run by PublishedStopsTest of api", "context_shift");
    leaveOut("run by GuidanceTest of api", "hf/cfg_unbatched");
    leaveOut("another rule of guidance, around the conditional scores", "hf/cfg_dia");
    leaveOut("a NaN is an error here, and infinity too", "remove_nan_inf");
    leaveOut("a part of the constraint chat-answer, see ThinkingBudgetTest", "reasoning_budget");
    leaveOut("another way to draw from the same distribution", "exponential_race");
    leaveOut("drops the token that crosses p; here it is kept", "fundamentallm/top_p");
  }

  private static void leaveOut(String reason, String... kinds) {
    for (String kind : kinds) {
      LEFT_OUT.put(kind, reason);
    }
  }

  private static Map<String, Consumer<GoldenCase>> handlers() {
    Map<String, Consumer<GoldenCase>> table = new LinkedHashMap<>();
    GoldenHandlers.addTo(table);
    return table;
  }

  @Test
  void cases_of_other_systems_come_out_as_there() throws IOException {
    Map<String, Consumer<GoldenCase>> handlers = handlers();
    List<String> failures = new ArrayList<>();
    Map<String, List<String>> leftOut = new TreeMap<>();
    int ran = 0;
    for (GoldenCase c : GoldenCase.all()) {
      Consumer<GoldenCase> handler = find(handlers, c.kind());
      String reason = find(LEFT_OUT, c.kind());
      if (handler == null && reason != null) {
        leftOut.computeIfAbsent(reason, key -> new ArrayList<>()).add(c.id());
        continue;
      }
      try {
        assertThat(handler).as("a handler for " + c.kind()).isNotNull();
        handler.accept(c);
        ran++;
      } catch (AssertionError | RuntimeException e) {
        failures.add(c.id() + ": " + e);
      }
    }
    System.out.println("sampling.json: " + ran + " cases ran; left out:");
    leftOut.forEach((reason, ids) -> System.out.println("  " + reason + ": " + ids));
    assertThat(failures).isEmpty();
    assertThat(ran).isGreaterThan(100);
  }

  /** By the whole kind, by its sampler, or for the chains of llama.cpp by what they share. */
  private static <T> T find(Map<String, T> table, String kind) {
    if (table.containsKey(kind)) {
      return table.get(kind);
    }
    int slash = kind.indexOf('/');
    return kind.startsWith("llama.cpp/queue_")
        ? table.get("llama.cpp/queue")
        : table.get(kind.substring(slash + 1));
  }
}
