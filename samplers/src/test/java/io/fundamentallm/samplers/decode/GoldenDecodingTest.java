package io.fundamentallm.samplers.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.Samplers;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.GeneratedSequence;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.decoding.Transcript;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.samplers.GoldenCase;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The cases of other systems, and closed forms, that concern these decoders. */
class GoldenDecodingTest {
  @TestFactory
  Stream<DynamicTest> cases() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (Map<String, Object> golden : all()) {
      Map<String, Object> params = map(golden, "params");
      Map<String, Object> input = map(golden, "input");
      Map<String, Object> expected = map(golden, "expected");
      Runnable check =
          switch ((String) golden.get("sampler")) {
            case "beam_vs_greedy" -> () -> beamAndGreedy(params, input, expected);
            case "length_penalty" -> () -> lengthPenalty(params, input, expected);
            case "beam_hypotheses" -> () -> hypotheses(params, input, expected);
            case "hamming_diversity" -> () -> diversity(params, input, expected);
            case "contrastive_search" -> () -> contrastive(params, input, expected);
            default -> null;
          };
      if (check != null) {
        tests.add(DynamicTest.dynamicTest((String) golden.get("id"), check::run));
      }
    }
    assertThat(tests).hasSizeGreaterThanOrEqualTo(10);
    System.out.println("golden cases of decoders: " + tests.size() + " run");
    return tests.stream();
  }

  /** Two steps: the second depends on the first. Tokens are numbered in order of their names. */
  private static void beamAndGreedy(
      Map<String, Object> params, Map<String, Object> input, Map<String, Object> expected) {
    Map<String, Object> first = map(input, "step1");
    Map<String, Object> second = map(input, "step2");
    TreeSet<String> sorted = new TreeSet<>(first.keySet());
    second.values().forEach(step -> sorted.addAll(asMap(step).keySet()));
    List<String> names = new ArrayList<>(sorted);
    int prompt = names.size();
    ToyModel.Scores scores =
        (tokens, length, row) -> {
          Arrays.fill(row, Float.NEGATIVE_INFINITY);
          Map<String, Object> step =
              length == 1 ? first : asMap(second.get(names.get(tokens[length - 1])));
          step.forEach(
              (name, p) -> row[names.indexOf(name)] = (float) Math.log(((Number) p).doubleValue()));
        };
    ToyModel model = new ToyModel(ToyModel.info(prompt + 1, 8).build(), scores);
    int max = (int) number(params, "max_new_tokens");
    DecodingOptions options =
        DecodingOptions.builder().maxNewTokens(max).sampler(Samplers.greedy()).build();
    GeneratedSequence greedy = Searches.run("sampling", model, new int[] {prompt}, options).get(0);
    assertThat(named(greedy, names)).isEqualTo(expected.get("greedy"));
    int width = (int) number(params, "num_beams");
    String spec =
        "beam(width=%d,n=%d,length-penalty=%s)"
            .formatted(width, width, number(params, "length_penalty"));
    List<GeneratedSequence> beams = Searches.run(spec, model, new int[] {prompt}, options);
    // logits are floats: their logarithms are as exact as that
    var near = within(1e-7);
    assertThat(named(beams.get(0), names)).isEqualTo(expected.get("beam_best"));
    assertThat(beams.get(0).score()).isCloseTo(number(expected, "beam_best_score"), near);
    assertThat(named(beams.get(1), names)).isEqualTo(expected.get("beam_second"));
    assertThat(beams.get(1).score()).isCloseTo(number(expected, "beam_second_score"), near);
  }

  private static List<String> named(GeneratedSequence sequence, List<String> names) {
    return Searches.ids(sequence).stream().map(names::get).toList();
  }

  private static void lengthPenalty(
      Map<String, Object> params, Map<String, Object> input, Map<String, Object> expected) {
    double score =
        Hypotheses.score(
            number(input, "sum_logprob"),
            (int) number(input, "generated_length"),
            number(params, "length_penalty"));
    assertThat(score).isCloseTo(number(expected, "score"), within(1e-9));
  }

  private static void hypotheses(
      Map<String, Object> params, Map<String, Object> input, Map<String, Object> expected) {
    double penalty = number(params, "length_penalty");
    String stopping = params.get("early_stopping").toString();
    Hypotheses hypotheses =
        new Hypotheses(
            (int) number(params, "num_beams"),
            penalty,
            EarlyStopping.of(stopping.equals("never") ? "proven" : stopping),
            (int) number(params.containsKey("max_length") ? params : input, lengthKey(params)));
    int length = (int) number(input, "hypothesis_length");
    for (Object sum : (List<?>) input.get("sum_logprobs_added")) {
      hypotheses.add(transcript(length), ((Number) sum).doubleValue());
    }
    if (expected.containsKey("worst_score")) {
      List<Hypotheses.Finished> kept = hypotheses.kept();
      assertThat(kept.get(kept.size() - 1).score())
          .isCloseTo(number(expected, "worst_score"), within(1e-9));
    }
    if (expected.containsKey("done")) {
      boolean done =
          hypotheses.isDone(
              number(input, "best_running_sum_logprob"), (int) number(input, "current_length"));
      assertThat(done).isEqualTo(expected.get("done"));
    }
  }

  private static String lengthKey(Map<String, Object> params) {
    return params.containsKey("max_length") ? "max_length" : "hypothesis_length";
  }

  private static Transcript transcript(int length) {
    ModelInfo info = ToyModel.info(2, 64).build();
    DecodingOptions options = DecodingOptions.builder().maxNewTokens(length).build();
    Transcript transcript = Transcript.begin(info, new int[] {0}, options, new Randomness(0, 0));
    for (int i = 0; i < length; i++) {
      transcript.append(1, null);
    }
    return transcript;
  }

  private static void diversity(
      Map<String, Object> params, Map<String, Object> input, Map<String, Object> expected) {
    List<?> logits = (List<?>) input.get("logits");
    HammingDiversity diversity =
        new HammingDiversity(number(params, "diversity_penalty"), logits.size());
    for (Object token : (List<?>) input.get("tokens_of_earlier_groups")) {
      diversity.choose(((Number) token).intValue());
    }
    for (int token = 0; token < logits.size(); token++) {
      double after = ((Number) ((List<?>) expected.get("logits")).get(token)).doubleValue();
      assertThat(diversity.penalised(token, ((Number) logits.get(token)).doubleValue()))
          .isCloseTo(after, within(1e-9));
    }
  }

  /** The rule by itself, then the search over vectors that have these cosines. */
  private static void contrastive(
      Map<String, Object> params, Map<String, Object> input, Map<String, Object> expected) {
    ContrastiveDecoder decoder =
        new ContrastiveDecoder((int) number(params, "k"), number(params, "alpha"));
    List<?> probabilities = (List<?>) input.get("topk_probs");
    int selected = 0;
    double highest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < probabilities.size(); i++) {
      double similarity = Double.NEGATIVE_INFINITY;
      for (Object cosine : (List<?>) ((List<?>) input.get("cosine_to_context")).get(i)) {
        similarity = Math.max(similarity, ((Number) cosine).doubleValue());
      }
      double score = decoder.score(((Number) probabilities.get(i)).doubleValue(), similarity);
      double wanted = ((Number) ((List<?>) expected.get("scores")).get(i)).doubleValue();
      assertThat(score).isCloseTo(wanted, within(1e-9));
      if (score > highest) {
        highest = score;
        selected = i;
      }
    }
    assertThat(selected).isEqualTo((int) number(expected, "selected"));
    searched(decoder, probabilities, (List<?>) input.get("cosine_to_context"), selected);
  }

  /** Candidates are the first tokens; the prompt's vectors, orthogonal to each other, follow. */
  private static void searched(
      ContrastiveDecoder decoder, List<?> probabilities, List<?> cosines, int selected) {
    int k = probabilities.size();
    int context = ((List<?>) cosines.get(0)).size();
    int others = 256; // share what probability is left, so that none of them is among the k best
    float[][] vectors = new float[k + context + others][context + 1];
    double[] logits = new double[vectors.length];
    double left = 1;
    for (int i = 0; i < k; i++) {
      double rest = 1;
      for (int c = 0; c < context; c++) {
        double cosine = ((Number) ((List<?>) cosines.get(i)).get(c)).doubleValue();
        vectors[i][c] = (float) cosine;
        rest -= cosine * cosine;
      }
      if (rest < 0) {
        return; // no vector has these cosines to orthogonal ones
      }
      vectors[i][context] = (float) Math.sqrt(rest);
      double p = ((Number) probabilities.get(i)).doubleValue();
      logits[i] = Math.log(p);
      left -= p;
    }
    Arrays.fill(logits, k, logits.length, Math.log(Math.max(0, left) / (context + others)));
    int[] prompt = new int[context];
    for (int c = 0; c < context; c++) {
      prompt[c] = k + c;
      vectors[k + c][c] = 2;
    }
    ToyModel.Scores scores =
        (tokens, length, row) -> {
          for (int token = 0; token < row.length; token++) {
            row[token] = (float) logits[token];
          }
        };
    ModelInfo info = ToyModel.info(logits.length, 64).shape(context + 1, 0, 0).build();
    Generation generation =
        decoder.decode(
            new EmbeddingModel(new ToyModel(info, scores), vectors),
            prompt,
            DecodingOptions.builder().maxNewTokens(1).build());
    assertThat(generation.next().id()).isEqualTo(selected);
  }

  private static double number(Map<String, Object> map, String key) {
    return ((Number) map.get(key)).doubleValue();
  }

  private static Map<String, Object> map(Map<String, Object> map, String key) {
    return asMap(map.get(key));
  }

  @SuppressWarnings("unchecked") // JSON has no types
  private static Map<String, Object> asMap(Object value) {
    return (Map<String, Object>) value;
  }

  private static List<Map<String, Object>> all() throws IOException {
    return GoldenCase.all().stream().map(GoldenCase::json).toList();
  }
}
