package io.fundamentallm.samplers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.Samplers;
import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.Distribution;
import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.decoding.TokenBuffer;
import io.fundamentallm.model.ModelInfo;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What a spec makes of one row after a history, beside what a case expects of it. */
final class GoldenRun {
  private final GoldenCase c;
  private final float[] row;
  private final Step step;
  private final Sampler sampler;
  private final Distribution distribution;

  private GoldenRun(
      GoldenCase c, String spec, float[] row, TokenBuffer history, Set<Integer> ends) {
    this.c = c;
    this.row = row;
    ModelInfo info = ModelInfo.builder("test", row.length, 64).endTokens(ends).build();
    step = new Step(info, history, new Randomness(0, 0));
    sampler = Samplers.parse(spec).bind(Binding.of(info));
    if (sampler.forced(step.reset(row.clone())) >= 0) {
      // what the stages make of a row must agree with what they say is certain
      assertThat(sampler.sample(step)).isEqualTo(sampler.forced(step));
    }
    sampler.process(step.reset(row.clone()));
    distribution = Distribution.softmax(step.logits());
  }

  static GoldenRun of(GoldenCase c, String spec) {
    return of(c, spec, c.history());
  }

  /** With all of the history in the prompt. */
  static GoldenRun of(GoldenCase c, String spec, int... prompt) {
    return new GoldenRun(c, spec, c.row(), TokenBuffer.ofPrompt(prompt), Set.of());
  }

  static GoldenRun of(GoldenCase c, String spec, float[] row, int promptLength, int... history) {
    TokenBuffer buffer = TokenBuffer.ofPrompt(Arrays.copyOf(history, promptLength));
    for (int i = promptLength; i < history.length; i++) {
      buffer.append(history[i]);
    }
    Set<Integer> ends =
        c.params().get("eos") instanceof Iterable<?>
            ? Arrays.stream(GoldenCase.ints(c.params().get("eos")))
                .boxed()
                .collect(Collectors.toSet())
            : Set.of();
    return new GoldenRun(c, spec, row, buffer, ends);
  }

  float score(int token) {
    Logits logits = step.logits();
    int index = logits.indexOf(token);
    return index < 0 ? Float.NEGATIVE_INFINITY : logits.score(index);
  }

  Distribution distribution() {
    return distribution;
  }

  /** The tokens that can be chosen. */
  Set<Integer> kept() {
    Set<Integer> kept = new TreeSet<>();
    for (int token = 0; token < row.length; token++) {
      if (score(token) > Float.NEGATIVE_INFINITY) {
        kept.add(token);
      }
    }
    return kept;
  }

  /** Checks everything that the case expects; a word that is not known here fails. */
  void check() {
    int checks = 0;
    for (Map.Entry<String, Object> expected : c.expected().entrySet()) {
      checks += check(expected.getKey(), expected.getValue()) ? 1 : 0;
    }
    assertThat(checks).as(c.id() + ": nothing was checked").isPositive();
  }

  private boolean check(String what, Object value) {
    switch (what) {
      case "kept_ids", "kept_ids_in_order" -> assertThat(kept()).as(c.id()).isEqualTo(ids(value));
      case "kept_count" ->
          assertThat((double) kept().size()).as(c.id()).isEqualTo(GoldenCase.number(value));
      case "candidate_ids_in_order" -> checkCandidates(GoldenCase.ints(value));
      case "probs" -> checkProbabilities(GoldenCase.numbers(value));
      case "logits" -> checkScores(GoldenCase.numbers(value));
      case "banned_ids" -> {
        Set<Integer> banned = new TreeSet<>();
        for (int token = 0; token < row.length; token++) {
          if (score(token) == Float.NEGATIVE_INFINITY) {
            banned.add(token);
          } else {
            assertThat(score(token)).as(c.id()).isEqualTo(row[token]);
          }
        }
        assertThat(banned).as(c.id()).isEqualTo(ids(value));
      }
      case "ids_set_to_-inf" -> check("banned_ids", value);
      case "argmax", "only_possible_token", "only_allowed_id" -> {
        int token = (int) GoldenCase.number(value);
        Logits logits = step.logits();
        assertThat(logits.token(logits.maximumIndex())).as(c.id()).isEqualTo(token);
        if (!what.equals("argmax")) {
          assertThat(kept()).as(c.id()).containsExactly(token);
        }
      }
      case "its_score" ->
          assertThat((double) step.logits().maximum())
              .as(c.id())
              .isEqualTo(GoldenCase.number(value));
      case "unchanged" -> {
        for (int token = 0; token < row.length; token++) {
          assertThat(score(token)).as(c.id()).isEqualTo(row[token]);
        }
      }
      // read together with another word, or follows from the numbers
      case "probs_in_that_order",
          "renormalised",
          "threshold",
          "effective_temperature",
          "exp_sums_to" -> {
        return false;
      }
      default -> throw new AssertionError(c.id() + ": cannot check \"" + what + "\"");
    }
    return true;
  }

  private static Set<Integer> ids(Object list) {
    return Arrays.stream(GoldenCase.ints(list))
        .boxed()
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private void checkCandidates(int[] ids) {
    double[] probabilities = GoldenCase.numbers(c.expected().get("probs_in_that_order"));
    double total =
        Boolean.TRUE.equals(c.expected().get("renormalised"))
            ? 1
            : Arrays.stream(probabilities).sum();
    double[] byId = new double[row.length];
    for (int i = 0; i < ids.length; i++) {
      byId[ids[i]] = probabilities[i] / total;
    }
    checkProbabilities(byId);
    for (int token : kept()) {
      assertThat(ids).as(c.id()).contains(token);
    }
  }

  private void checkProbabilities(double[] expected) {
    for (int token = 0; token < expected.length; token++) {
      assertThat(distribution.probability(token))
          .as("%s, token %d", c.id(), token)
          .isCloseTo(expected[token], within(c.tolerance()));
      if (expected[token] == 0 && c.tolerance() < 1e-5) {
        assertThat(distribution.probability(token)).as(c.id()).isZero();
      }
    }
  }

  private void checkScores(double[] expected) {
    for (int token = 0; token < expected.length; token++) {
      if (expected[token] <= -Float.MAX_VALUE) { // some write the lowest float
        assertThat(score(token)).as(c.id()).isEqualTo(Float.NEGATIVE_INFINITY);
      } else {
        assertThat((double) score(token))
            .as("%s, token %d", c.id(), token)
            .isCloseTo(expected[token], within(c.tolerance()));
      }
    }
  }
}
