package io.fundamentallm.samplers.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.Decoders;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.Decoder;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.Distribution;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.decoding.Transcript;
import io.fundamentallm.samplers.constraint.Pieces;
import io.fundamentallm.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/**
 * Rejection sampling, and plain sampling beside it, have the distribution that the chain gives,
 * which is computed over all texts; tested by chi-squared at one in a thousand.
 */
class SameDistributionTest {
  /** A grammar, a penalty, a bias, something with a state, and a filter. */
  private static final String CHAIN =
      "grammar=\"root ::= ([bcd] | [ab] [b])+\",repetition-penalty=1.3,logit-bias=\"2:1\",tiring,"
          + "min-p=0.08";

  private static final Tokenizer TOKENIZER = Pieces.of("a", "b", "c", "d", "ab");

  private static final int DRAWS = 40_000;
  private static final int VOCABULARY = 6;
  private static final int LENGTH = 4;
  private static final int[] PROMPT = {3, 4, 2, 3, 4, 5, 2, 1, 4, 3};

  private static final ToyModel TARGET =
      new ToyModel(ToyModel.info(VOCABULARY, 32).build(), ToyScores.lastTwo(2, 1, 1));
  private static final ToyModel DRAFT =
      new ToyModel(ToyModel.info(VOCABULARY, 32).build(), ToyScores.lastTwo(2, 2, 2));

  private static DecodingOptions options() {
    return DecodingOptions.builder()
        .tokenizer(TOKENIZER)
        .maxNewTokens(LENGTH)
        .sampler(TestStages.parse(CHAIN))
        .build();
  }

  @Test
  void plain_sampling() {
    check("sampling", options());
  }

  @Test
  void rejection_sampling_by_prompt_lookup() {
    check("speculative(mode=rejection)", options());
  }

  @Test
  void rejection_sampling_by_a_draft_model() {
    check("speculative(mode=rejection)", options().toBuilder().draft(DRAFT).build());
  }

  private static void check(String spec, DecodingOptions options) {
    Map<List<Integer>, Double> expected = new HashMap<>();
    enumerate(List.of(), 1, expected);
    assertThat(expected.values().stream().mapToDouble(p -> p).sum()).isCloseTo(1, within(1e-9));
    Map<List<Integer>, Integer> counted = new HashMap<>();
    long drafted = 0;
    long accepted = 0;
    Decoder decoder = Decoders.parse(spec);
    for (int draw = 0; draw < DRAWS; draw++) {
      DecodingOptions seeded = options.toBuilder().seed(draw).build();
      Generation generation = decoder.decode(TARGET, PROMPT, seeded);
      List<Integer> text = generation.stream().map(token -> token.id()).toList();
      counted.merge(text, 1, Integer::sum);
      drafted += generation.summary().draftedTokens();
      accepted += generation.summary().acceptedTokens();
    }
    System.out.println(spec + ": " + accepted + " of " + drafted + " drafted tokens accepted");
    for (int token = 0; token < LENGTH; token++) {
      int at = token;
      compare("token " + at, counted, expected, text -> text.subList(at, at + 1));
    }
    for (int token = 0; token < LENGTH - 1; token++) {
      int at = token;
      compare("pair at " + at, counted, expected, text -> text.subList(at, at + 2));
    }
    compare("whole text", counted, expected, text -> text);
    if (!spec.equals("sampling")) {
      assertThat(accepted).isGreaterThan(DRAWS / 10);
      assertThat(drafted - accepted).isGreaterThan(DRAWS / 10);
    }
    assertThat(TARGET.openSessions() + DRAFT.openSessions()).isZero();
  }

  /** The probability of every text, by the chain's distributions. */
  private static void enumerate(
      List<Integer> text, double probability, Map<List<Integer>, Double> all) {
    if (text.size() == LENGTH) {
      all.put(text, probability);
      return;
    }
    Transcript transcript =
        Transcript.begin(TARGET.info(), PROMPT, options(), new Randomness(0, 0));
    int[] tokens = Arrays.copyOf(PROMPT, PROMPT.length + text.size());
    for (int i = 0; i < text.size(); i++) {
      tokens[PROMPT.length + i] = text.get(i);
      transcript.append(text.get(i), null);
    }
    float[] row = new float[VOCABULARY];
    ToyScores.lastTwo(2, 1, 1).score(tokens, tokens.length, row);
    Distribution next = transcript.distribution(row);
    for (int i = 0; i < next.size(); i++) {
      if (next.probabilityAt(i) > 0) {
        List<Integer> longer = new ArrayList<>(text);
        longer.add(next.token(i));
        enumerate(longer, probability * next.probabilityAt(i), all);
      }
    }
  }

  /** Chi-squared over classes of texts; those of fewer than five expected count as one. */
  private static void compare(
      String what,
      Map<List<Integer>, Integer> counted,
      Map<List<Integer>, Double> expected,
      Function<List<Integer>, List<Integer>> part) {
    assertThat(expected.keySet()).as("texts that can be").containsAll(counted.keySet());
    Map<List<Integer>, double[]> classes = new HashMap<>();
    expected.forEach(
        (text, probability) -> {
          double[] both = classes.computeIfAbsent(part.apply(text), key -> new double[2]);
          both[0] += counted.getOrDefault(text, 0);
          both[1] += DRAWS * probability;
        });
    double rareCounted = 0;
    double rareExpected = 0;
    double statistic = 0;
    int degrees = -1;
    for (double[] both : classes.values()) {
      if (both[1] < 5) {
        rareCounted += both[0];
        rareExpected += both[1];
      } else {
        statistic += (both[0] - both[1]) * (both[0] - both[1]) / both[1];
        degrees++;
      }
    }
    if (rareExpected >= 5) {
      statistic += (rareCounted - rareExpected) * (rareCounted - rareExpected) / rareExpected;
      degrees++;
    }
    double limit = quantile(degrees);
    System.out.printf("  %s: chi-squared %.1f, limit %.1f%n", what, statistic, limit);
    assertThat(statistic).as(what).isLessThan(limit);
  }

  /** The 0.999 quantile, by Wilson and Hilferty (1931). */
  private static double quantile(int degrees) {
    double spread = 2.0 / (9 * degrees);
    double root = 1 - spread + 3.0902 * Math.sqrt(spread);
    return degrees * root * root * root;
  }
}
