package io.fundamentallm.samplers.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.decoding.Distribution;
import io.fundamentallm.decoding.DraftProposer.Draft;
import io.fundamentallm.decoding.History;
import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.decoding.TokenBuffer;
import io.fundamentallm.samplers.decode.GoldenCases.Case;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Cases of other systems' own tests about guessing and checking. */
class SpeculationCasesTest {
  /** What the model says before the rows of a case: nothing that a case is about. */
  private static final int LEAD = 120;

  @Test
  void cases_of_other_systems_give_the_same_tokens_and_probabilities() throws IOException {
    int ran = 0;
    List<String> leftOut = new ArrayList<>();
    for (Case given : GoldenCases.read()) {
      if (!Set.of("speculative", "draft_proposer").contains(given.text("kind"))) {
        continue;
      }
      if (check(given)) {
        ran++;
      } else {
        leftOut.add(given.text("id") + ": nothing here is called " + given.text("sampler"));
      }
    }
    System.out.println("cases of speculation: " + ran + " ran, left out: " + leftOut);
    assertThat(ran).isPositive();
    assertThat(leftOut).isEmpty();
  }

  private static boolean check(Case given) {
    switch (given.text("sampler")) {
      case "ngram_most_recent", "ngram_longest_earliest" -> lookup(given);
      case "accept_probability" -> acceptProbability(given);
      case "residual_distribution" -> residual(given);
      case "residual_sparse" -> sparseResidual(given);
      case "point_mass_vs_rejection" -> acceptRates(given);
      case "greedy_verification" -> {
        greedyVerification(given, "speculative");
        greedyVerification(given, "speculative(mode=rejection)");
      }
      case "rejection_sampling" -> rejectionSampling(given);
      case "deterministic_proposal" -> deterministicProposal(given);
      default -> {
        return false;
      }
    }
    return true;
  }

  private static void lookup(Case given) {
    Case params = given.part("params");
    boolean recent = given.text("sampler").equals("ngram_most_recent");
    // there the size counts the token that follows
    int longest = recent ? params.integer("ngram_size") - 1 : params.integer("max_n");
    int shortest = recent ? longest : params.integer("min_n");
    int count = params.integer(recent ? "max_tokens" : "k");
    boolean chained = recent && Boolean.TRUE.equals(params.fields().get("chained"));
    PromptLookup lookup =
        new PromptLookup(new PromptLookup.Rule(longest, shortest, !recent, chained));
    int[] tokens =
        given.part("input").integers("tokens").stream().mapToInt(Integer::intValue).toArray();
    assertThat(lookup.propose(TokenBuffer.ofPrompt(tokens), count))
        .as(given.text("id"))
        .isEqualTo(given.part("expected").integers("proposal"));
  }

  private static void acceptProbability(Case given) {
    double p = given.part("input").number("p_target");
    double q = given.part("input").number("p_draft");
    assertThat(RejectionSampling.acceptance(dense(p, 1 - p), dense(q, 1 - q), 0))
        .as(given.text("id"))
        .isCloseTo(
            given.part("expected").number("accept_probability"),
            within(given.number("tolerance_abs")));
  }

  private static void residual(Case given) {
    Distribution p = dense(given.part("input").numbers("p_target"));
    Distribution q = dense(given.part("input").numbers("p_draft"));
    double[] expected = given.part("expected").numbers("residual");
    Distribution residual = RejectionSampling.residual(p, q);
    for (int token = 0; token < expected.length; token++) {
      assertThat(residual.probability(token))
          .as("%s, token %d", given.text("id"), token)
          .isCloseTo(expected[token], within(given.number("tolerance_abs")));
    }
  }

  private static void sparseResidual(Case given) {
    Case input = given.part("input");
    Distribution residual =
        RejectionSampling.residual(
            sparse(input.integers("target_ids"), input.numbers("target_probs")),
            sparse(input.integers("draft_ids"), input.numbers("draft_probs")));
    int only = given.part("expected").integer("only_possible_token");
    for (double u = 0; u < 1; u += 1.0 / 64) {
      assertThat(residual.draw(u)).as(given.text("id")).isEqualTo(only);
    }
  }

  private static void acceptRates(Case given) {
    Distribution p = dense(given.part("input").numbers("p"));
    Distribution q = dense(given.part("input").numbers("q"));
    double drawn = 0;
    double certain = 0;
    for (int token = 0; token < q.size(); token++) {
      drawn += q.probability(token) * RejectionSampling.acceptance(p, q, token);
      Distribution point = Distribution.certain(token);
      certain += q.probability(token) * RejectionSampling.acceptance(p, point, token);
    }
    Case expected = given.part("expected");
    double tolerance = given.number("tolerance_abs");
    assertThat(drawn)
        .as(given.text("id"))
        .isCloseTo(expected.number("accept_rate_rejection"), within(tolerance));
    assertThat(certain)
        .as(given.text("id"))
        .isCloseTo(expected.number("accept_rate_sample_and_compare"), within(tolerance));
  }

  /** Rows with a best token and a runner-up, under the case's stages, which spare the last row. */
  private static void greedyVerification(Case given, String spec) {
    Case input = given.part("input");
    List<Integer> said = input.has("output_so_far") ? input.integers("output_so_far") : List.of();
    List<Integer> best = input.integers("target_argmax_then_bonus");
    List<float[]> rows = new ArrayList<>();
    for (int token : best) {
      float[] row = new float[OnePass.VOCABULARY];
      Arrays.fill(row, -100);
      if (input.has("runner_up_token")) {
        row[input.integer("runner_up_token")] = 99;
      }
      row[token] = 100;
      rows.add(row);
    }
    List<Integer> draft = input.integers("draft_tokens");
    int lead = Math.max(1, said.size());
    OnePass pass =
        OnePass.of(
            spec,
            said.isEmpty() ? List.of(LEAD) : said,
            new Draft(draft, List.of()),
            rows,
            step -> {
              int row = step.history().generated() - lead;
              if (row >= 0 && row < draft.size()) {
                restrict(step, row, said.isEmpty() ? 1 : 0, given.part("params"));
              }
            },
            "greedy",
            0);
    assertThat(pass.output())
        .as("%s, %s", given.text("id"), spec)
        .isEqualTo(given.part("expected").integers("output_tokens"));
  }

  /** The stages of a case, over what was generated after the first {@code skipped} tokens. */
  private static void restrict(Step step, int row, int skipped, Case params) {
    Logits logits = step.logits();
    History history = step.history();
    List<Integer> output = new ArrayList<>();
    for (int i = history.promptLength() + skipped; i < history.length(); i++) {
      output.add(history.token(i));
    }
    if (params.has("frequency_penalty")) {
      for (int token : output) {
        logits.setScore(token, (float) (logits.score(token) - params.number("frequency_penalty")));
      }
    }
    if (params.has("bad_words")) {
      for (Object word : params.list("bad_words")) {
        List<Integer> tokens = GoldenCases.integers(word);
        int before = tokens.size() - 1;
        if (output.size() >= before
            && output
                .subList(output.size() - before, output.size())
                .equals(tokens.subList(0, before))) {
          logits.setScore(tokens.get(before), Float.NEGATIVE_INFINITY);
        }
      }
    }
    if (params.has("disallowed_ids") && row % 2 == 0) {
      params
          .integers("disallowed_ids")
          .forEach(token -> logits.setScore(token, Float.NEGATIVE_INFINITY));
    }
  }

  private static void rejectionSampling(Case given) {
    Case input = given.part("input");
    List<Distribution> drawn =
        input.list("draft_logits").stream()
            .map(row -> Distribution.softmax(Logits.of(row(GoldenCases.numbers(row)))))
            .toList();
    List<float[]> rows =
        input.list("target_logits").stream().map(row -> row(GoldenCases.numbers(row))).toList();
    Draft draft = new Draft(input.integers("draft_tokens"), drawn);
    Case expected = given.part("expected");
    int accepted = expected.integer("accepted_draft_tokens");
    int trials = given.part("params").has("trials") ? given.part("params").integer("trials") : 100;
    int[] finals = new int[OnePass.VOCABULARY];
    for (int seed = 0; seed < trials; seed++) {
      List<Integer> context = input.integers("context");
      OnePass pass =
          OnePass.of("speculative(mode=rejection)", context, draft, rows, step -> {}, "draw", seed);
      assertThat(pass.accepted()).as(given.text("id")).isEqualTo(accepted);
      if (expected.has("output_tokens")) {
        assertThat(pass.output())
            .as(given.text("id"))
            .isEqualTo(expected.integers("output_tokens"));
      } else {
        assertThat(pass.output().subList(0, 2)).isEqualTo(expected.integers("first_two_outputs"));
        finals[pass.output().get(2)]++;
      }
    }
    if (expected.has("third_output_support")) {
      assertThat(IntStream.range(0, finals.length).filter(t -> finals[t] > 0).boxed())
          .isEqualTo(expected.integers("third_output_support"));
      // the order of counts that the case tells in words
      assertThat(finals[1]).isGreaterThan(finals[3]);
      assertThat(finals[3]).isGreaterThan(finals[7]);
      assertThat(finals[8]).isGreaterThan(finals[3]);
    }
  }

  private static void deterministicProposal(Case given) {
    List<float[]> rows = new ArrayList<>();
    for (Object value : given.part("input").list("target_rows")) {
      Case target = new Case(GoldenCases.map(value));
      float[] row = new float[OnePass.VOCABULARY];
      Arrays.fill(row, Float.NEGATIVE_INFINITY);
      for (int i = 0; i < target.integers("ids").size(); i++) {
        row[target.integers("ids").get(i)] = (float) StrictMath.log(target.numbers("probs")[i]);
      }
      rows.add(row);
    }
    List<Integer> tokens = given.part("input").integers("draft_tokens");
    for (String mode : List.of("compare", "rejection")) {
      OnePass pass =
          OnePass.of(
              "speculative(mode=" + mode + ")",
              List.of(LEAD),
              new Draft(tokens, List.of()),
              rows,
              step -> {},
              "draw",
              1);
      Case expected = given.part("expected");
      assertThat(pass.accepted()).isEqualTo(expected.integer("accepted"));
      assertThat(Math.min(tokens.size(), pass.accepted() + 1))
          .isEqualTo(expected.integer("evaluated"));
      assertThat(pass.output().get(pass.accepted())).isEqualTo(expected.integer("final_token"));
      assertThat(pass.accepted() == tokens.size()).isEqualTo(expected.fields().get("used_bonus"));
    }
  }

  /** As wide as the vocabulary. */
  private static float[] row(double[] values) {
    float[] row = new float[OnePass.VOCABULARY];
    Arrays.fill(row, Float.NEGATIVE_INFINITY);
    for (int i = 0; i < values.length; i++) {
      row[i] = (float) values[i];
    }
    return row;
  }

  private static Distribution dense(double... probabilities) {
    return Distribution.of(IntStream.range(0, probabilities.length).toArray(), probabilities);
  }

  private static Distribution sparse(List<Integer> tokens, double[] probabilities) {
    return Distribution.of(tokens.stream().mapToInt(Integer::intValue).toArray(), probabilities);
  }
}
