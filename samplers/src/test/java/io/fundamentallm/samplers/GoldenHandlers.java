package io.fundamentallm.samplers;

import static io.fundamentallm.samplers.GoldenCase.tokens;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.Samplers;
import io.fundamentallm.decoding.Distribution;
import io.fundamentallm.decoding.Logits;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * How the cases of each system's samplers are run: its preset where there is one, else the stages
 * that have its rule.
 */
final class GoldenHandlers {
  private GoldenHandlers() {}

  /** Adds them to the table of {@link GoldenTest}. */
  static void addTo(Map<String, Consumer<GoldenCase>> table) {
    huggingFace(table);
    llamaCpp(table);
    others(table);
    GoldenClosedForms.addTo(table);
  }

  private static void huggingFace(Map<String, Consumer<GoldenCase>> table) {
    BiConsumer<String, Function<GoldenCase, String>> hf =
        (sampler, options) ->
            table.put("hf/" + sampler, c -> run(c, "hf(top-k=0," + options.apply(c) + ")"));
    table.put(
        "hf/top_k",
        c ->
            run(
                c,
                "hf(top-k="
                    + c.param("k")
                    + ",min-tokens-to-keep="
                    + c.param("min_tokens_to_keep", 1)
                    + ")"));
    hf.accept("top_p", c -> "top-p=" + c.param("p") + keep(c));
    hf.accept("min_p", c -> "min-p=" + c.param("p") + keep(c));
    hf.accept("typical_p", c -> "typical-p=" + c.param("p") + keep(c));
    hf.accept("epsilon_cutoff", c -> "epsilon-cutoff=" + c.param("epsilon") + keep(c));
    hf.accept("eta_cutoff", c -> "eta-cutoff=" + c.param("eta") + keep(c));
    hf.accept("no_repeat_ngram", c -> "no-repeat-ngram-size=" + c.param("n"));
    hf.accept(
        "sequence_bias",
        c -> {
          StringBuilder biases = new StringBuilder();
          for (Object pair : (List<?>) c.params().get("sequence_bias")) {
            List<?> both = (List<?>) pair;
            biases
                .append(biases.length() == 0 ? "" : ";")
                .append(tokens(List.of(both.get(0))))
                .append(':')
                .append(both.get(1));
          }
          return "sequence-bias=" + biases;
        });
    table.put("hf/top_h", c -> run(c, "top-h=" + c.param("top_h")));
    table.put(
        "hf/eos_prioritizer",
        c ->
            run(
                c,
                "eos-prioritizer(value="
                    + c.param("min_eos_p")
                    + ",tokens="
                    + tokens(c.params().get("eos"))
                    + ")"));
    table.put("llama.cpp-pr/p_less", c -> run(c, "p-less"));
    table.put("hf/temperature", GoldenHandlers::temperatureProperty);
    table.put(
        "hf/repetition_penalty",
        c -> {
          int prompt = (int) Double.parseDouble(c.param("prompt_ignore_length", 0));
          GoldenRun.of(
                  c,
                  "hf(top-k=0,repetition-penalty="
                      + c.param("penalty")
                      + ",repetition-penalty-prompt=false)",
                  c.row(),
                  Math.min(prompt, c.history().length),
                  c.history())
              .check();
        });
    table.put(
        "hf/encoder_repetition_penalty",
        c ->
            GoldenRun.of(
                    c,
                    "hf(top-k=0,encoder-repetition-penalty=" + c.param("penalty") + ")",
                    GoldenCase.ints(c.params().get("encoder_ids")))
                .check());
    table.put(
        "hf/encoder_no_repeat_ngram",
        c -> {
          int[] prompt = GoldenCase.ints(c.params().get("encoder_ids"));
          int[] all = Arrays.copyOf(prompt, prompt.length + c.history().length);
          System.arraycopy(c.history(), 0, all, prompt.length, c.history().length);
          GoldenRun.of(
                  c,
                  "hf(top-k=0,encoder-no-repeat-ngram-size=" + c.param("n") + ")",
                  c.row(),
                  prompt.length,
                  all)
              .check();
        });
    table.put(
        "hf/bad_words",
        c -> {
          String words = tokens(c.params().get("bad_words_ids"));
          GoldenRun.of(c, "hf(top-k=0,bad-words-ids=" + words + ")", c.row(), 0, c.history())
              .check();
        });
    table.put("hf/min_length", c -> ofLength(c, "min-length=" + c.param("min_length"), 0));
    table.put(
        "hf/min_new_tokens",
        c ->
            ofLength(
                c, "min-new-tokens=" + c.param("min_new_tokens"), c.paramValue("prompt_length")));
    table.put("hf/forced_bos", c -> ofLength(c, "forced-bos-token-id=" + c.param("bos"), 1));
    table.put(
        "hf/forced_eos",
        c ->
            ofLength(
                c,
                "forced-eos-token-id="
                    + tokens(c.params().get("eos"))
                    + ",max-length="
                    + c.param("max_length"),
                0));
    table.put("hf/exponential_decay_length_penalty", GoldenHandlers::exponentialDecay);
    table.put("hf/prefix_allowed_tokens", GoldenHandlers::allowedTokens);
    table.put("hf/log_softmax", GoldenHandlers::logSoftmax);
  }

  private static void llamaCpp(Map<String, Consumer<GoldenCase>> table) {
    BiConsumer<String, Function<GoldenCase, String>> llama =
        (sampler, options) ->
            table.put("llama.cpp/" + sampler, c -> run(c, "llama.cpp(" + options.apply(c) + ")"));
    llama.accept("top_k", c -> "samplers=top_k,top-k=" + c.param("k"));
    llama.accept("top_p", c -> "samplers=top_p,top-p=" + c.param("p") + llamaKeep(c));
    llama.accept("min_p", c -> "samplers=min_p,min-p=" + c.param("p") + llamaKeep(c));
    llama.accept("typical_p", c -> "samplers=typ_p,typical=" + c.param("p") + llamaKeep(c));
    llama.accept("top_n_sigma", c -> "samplers=top_n_sigma,top-n-sigma=" + c.param("n"));
    llama.accept("temperature", c -> "samplers=temperature,temperature=" + c.param("temperature"));
    llama.accept(
        "dynamic_temperature",
        c ->
            "samplers=temperature,temperature="
                + c.param("temperature")
                + ",dynatemp-range="
                + c.param("range")
                + ",dynatemp-exponent="
                + c.param("exponent"));
    llama.accept( // the case is about a draw that triggers
        "xtc",
        c ->
            "samplers=xtc,xtc-probability="
                + (c.paramValue("probability") > 0 ? 1 : 0)
                + ",xtc-threshold="
                + c.param("threshold")
                + llamaKeep(c));
    llama.accept(
        "penalties",
        c ->
            "samplers=penalties,repeat-penalty="
                + c.param("repeat")
                + ",frequency-penalty="
                + c.param("frequency")
                + ",presence-penalty="
                + c.param("presence")
                + ",repeat-last-n="
                + c.param("last_n"));
    llama.accept(
        "dry",
        c -> {
          List<?> breakers = (List<?>) c.params().get("sequence_breakers_token_ids");
          return "samplers=dry,dry-multiplier="
              + c.param("multiplier")
              + ",dry-base="
              + c.param("base")
              + ",dry-allowed-length="
              + c.param("allowed_length")
              + ",dry-penalty-last-n="
              + c.param("penalty_last_n")
              + ",dry-sequence-breakers="
              + (breakers.isEmpty() ? "none" : tokens(breakers));
        });
    table.put("llama.cpp/queue", GoldenHandlers::queue);
  }

  private static void others(Map<String, Consumer<GoldenCase>> table) {
    table.put("fundamentallm/greedy", c -> run(c, "greedy"));
    table.put("fundamentallm/top_k", c -> run(c, "temperature=1,top-k=" + c.param("k")));
    String window = ",window=%s,prompt=true)";
    table.put(
        "mlx-lm/frequency",
        c ->
            run(
                c,
                "frequency-penalty(value="
                    + c.param("frequency")
                    + window.formatted(c.param("context"))));
    table.put(
        "mlx-lm/presence",
        c ->
            run(
                c,
                "presence-penalty(value="
                    + c.param("presence")
                    + window.formatted(c.param("context"))));
    table.put(
        "mlx-lm/repetition_presence_frequency",
        c -> {
          String last = window.formatted(c.param("context"));
          run(
              c,
              "repetition-penalty(value="
                  + c.param("repetition")
                  + last
                  + ",presence-penalty(value="
                  + c.param("presence")
                  + last
                  + ",frequency-penalty(value="
                  + c.param("frequency")
                  + last);
        });
    table.put("mlx-lm/min_p", c -> run(c, "min-p=" + c.param("p")));
    table.put("mlx-lm/top_k", c -> run(c, "top-k=" + c.param("k")));
    table.put("mlx-lm/top_p", c -> run(c, "top-p=" + c.param("p")));
    table.put(
        "mlx-lm/xtc",
        c -> {
          Object special = c.params().get("special_tokens");
          run(
              c,
              "xtc(probability="
                  + c.param("probability")
                  + ",threshold="
                  + c.param("threshold")
                  + (special == null ? ")" : ",protected=" + tokens(special) + ")"));
        });
    table.put("ort-genai/top_k", c -> run(c, "top-k=" + c.param("k")));
    table.put("ort-genai/no_repeat_ngram", c -> run(c, "no-repeat-n-gram=" + c.param("n")));
    Consumer<GoldenCase> topKThenTopP =
        c -> {
          String temperature = "temperature=" + c.param("temperature", 1);
          String k = c.paramValue("top_k") > 0 ? ",top-k=" + c.param("top_k") : "";
          String p = c.paramValue("top_p") > 0 ? ",top-p=" + c.param("top_p") : "";
          run(c, temperature + k + p);
        };
    table.put("ort-genai/top_k_then_top_p", topKThenTopP);
    table.put("ort-genai/top_k1_top_p", topKThenTopP);
    table.put(
        "ort-genai/repetition_then_top_k",
        c -> run(c, "repetition-penalty=" + c.param("penalty") + ",top-k=" + c.param("top_k")));
    table.put(
        "ort-genai/min_length_and_repetition",
        c ->
            run(
                c,
                "min-length(value="
                    + c.param("min_length")
                    + ",tokens="
                    + tokens(c.params().get("eos"))
                    + "),repetition-penalty="
                    + c.param("penalty")));
    table.put(
        "ort-genai/greedy_with_min_length",
        c -> GoldenRun.of(c, "min-length=" + c.param("min_length"), c.row(), 0, length(c)).check());
  }

  static void run(GoldenCase c, String spec) {
    GoldenRun.of(c, spec).check();
  }

  private static String keep(GoldenCase c) {
    return ",min-tokens-to-keep=" + c.param("min_tokens_to_keep", 1);
  }

  private static String llamaKeep(GoldenCase c) {
    return ",min-keep=" + c.param("min_keep", 0);
  }

  private static int[] length(GoldenCase c) {
    return new int[(int) GoldenCase.number(c.input(), "sequence_length")];
  }

  private static void ofLength(GoldenCase c, String options, double promptLength) {
    int[] history = length(c);
    Arrays.fill(history, 1);
    GoldenRun.of(
            c,
            "hf(top-k=0," + options + ")",
            c.row(),
            (int) Math.min(promptLength, history.length),
            history)
        .check();
  }

  private static void exponentialDecay(GoldenCase c) {
    int end = GoldenCase.ints(c.params().get("eos"))[0];
    float[] row = new float[end + 2];
    row[end] = (float) GoldenCase.number(c.input(), "logit_eos");
    GoldenRun run =
        GoldenRun.of(
            c,
            "hf(top-k=0,exponential-decay-start="
                + c.param("start")
                + ",exponential-decay-factor="
                + c.param("factor")
                + ")",
            row,
            Math.min((int) c.paramValue("prompt_length"), length(c).length),
            length(c));
    assertThat((double) run.score(end))
        .isCloseTo(GoldenCase.number(c.expected(), "logit_eos"), within(c.tolerance()));
  }

  private static void allowedTokens(GoldenCase c) {
    Object allowed = c.params().get("allowed_ids");
    if (c.expected().containsKey("error")) {
      String spec = "hf(prefix-allowed-tokens=\"" + tokens(allowed) + "\")";
      assertThatIllegalArgumentException().isThrownBy(() -> Samplers.parse(spec));
    } else {
      run(c, "hf(top-k=0,prefix-allowed-tokens=" + tokens(allowed) + ")");
    }
  }

  private static void logSoftmax(GoldenCase c) {
    double[] expected = GoldenCase.numbers(c.expected().get("logits"));
    Distribution distribution = Distribution.softmax(Logits.of(c.row()));
    for (int token = 0; token < expected.length; token++) {
      assertThat(StrictMath.log(distribution.probability(token)))
          .isCloseTo(expected[token], within(c.tolerance()));
    }
  }

  private static void temperatureProperty(GoldenCase c) {
    Distribution plain = Stages.distribution("draw", c.row());
    for (double temperature : GoldenCase.numbers(c.params().get("temperatures"))) {
      Distribution changed =
          Stages.distribution("hf(top-k=0,temperature=" + temperature + ")", c.row());
      double best = max(changed) - max(plain);
      double worst = min(changed) - min(plain);
      assertThat(temperature < 1 ? best : -best).isPositive();
      assertThat(temperature < 1 ? -worst : worst).isPositive();
    }
  }

  private static double max(Distribution distribution) {
    double best = 0;
    for (int i = 0; i < distribution.size(); i++) {
      best = Math.max(best, distribution.probabilityAt(i));
    }
    return best;
  }

  private static double min(Distribution distribution) {
    double worst = 1;
    for (int i = 0; i < distribution.size(); i++) {
      worst = Math.min(worst, distribution.probabilityAt(i));
    }
    return worst;
  }

  /** The chain grows by one stage for each step that the case tells the outcome of. */
  private static void queue(GoldenCase c) {
    StringBuilder order = new StringBuilder();
    for (Object element : (List<?>) c.expected().get("steps")) {
      Map<?, ?> after = (Map<?, ?>) element;
      String stage =
          switch ((String) after.get("after")) {
            case "k" -> "top_k";
            case "p" -> "top_p";
            default -> "min_p";
          };
      order.append(order.length() == 0 ? "" : ";").append(stage);
      var kept =
          GoldenRun.of(
                  c,
                  "llama.cpp(samplers="
                      + order
                      + ",top-k="
                      + c.param("top_k")
                      + ",top-p="
                      + c.param("top_p")
                      + ",min-p="
                      + c.param("min_p")
                      + llamaKeep(c)
                      + ")")
              .kept();
      int first = (int) GoldenCase.number(after.get("min_kept_id"));
      if (GoldenCase.number(after.get("kept")) == c.row().length) {
        kept.add(0); // its probability is 0, but there it counts all the same
      }
      assertThat((double) kept.size()).as(c.id() + " after " + order).isEqualTo(after.get("kept"));
      assertThat(kept).contains(first, (int) GoldenCase.number(after.get("max_kept_id")));
    }
  }
}
