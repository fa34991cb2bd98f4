package io.fundamentallm;

import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.internal.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The keys of generation_config.json whose values are more than a number: what they mean as stages
 * and options, and which of them mean something that is not done here.
 */
final class GenerationKeys {
  /** Honoured elsewhere: as stages, decoder or limits, or by the model's own end tokens. */
  private static final Set<String> KNOWN =
      Set.of(
          "do_sample",
          "temperature",
          "top_k",
          "top_p",
          "min_p",
          "typical_p",
          "epsilon_cutoff",
          "eta_cutoff",
          "top_h",
          "repetition_penalty",
          "no_repeat_ngram_size",
          "num_beams",
          "length_penalty",
          "early_stopping",
          "num_beam_groups",
          "diversity_penalty",
          "max_new_tokens",
          "bos_token_id",
          "eos_token_id",
          "pad_token_id",
          "decoder_start_token_id",
          "sequence_bias",
          "bad_words_ids",
          "min_length",
          "min_new_tokens",
          "forced_bos_token_id",
          "forced_eos_token_id",
          "exponential_decay_length_penalty",
          "suppress_tokens",
          "begin_suppress_tokens",
          "min_eos_p",
          "stop_strings",
          "max_time",
          "penalty_alpha",
          "max_length");

  /** They change how something is computed or returned there, not the text. */
  private static final Set<String> HARMLESS =
      Set.of(
          "transformers_version",
          "_from_model_config",
          "use_cache",
          "output_attentions",
          "output_hidden_states",
          "output_scores",
          "output_logits",
          "return_dict_in_generate",
          "renormalize_logits",
          "low_memory",
          "cache_implementation",
          "cache_config",
          "return_legacy_cache",
          "num_assistant_tokens",
          "num_assistant_tokens_schedule",
          "assistant_confidence_threshold",
          "assistant_early_exit",
          "assistant_lookbehind",
          "target_lookbehind",
          "prompt_lookup_num_tokens",
          "max_matching_ngram_size",
          "prefill_chunk_size",
          "compile_config",
          "disable_compile",
          "continuous_batching_config",
          "language",
          "task",
          "return_timestamps",
          "is_multilingual",
          "chat_format");

  private GenerationKeys() {}

  /** The stages that come before those of GenerationConfig, in the order transformers runs them. */
  static List<String> first(JsonObject json) throws IOException {
    Object biases = json.values().get("sequence_bias");
    if (biases == null) {
      return List.of();
    }
    List<String> all = new ArrayList<>();
    if (biases instanceof List<?> pairs) {
      for (Object pair : pairs) {
        if (!(pair instanceof List<?> both) || both.size() != 2) {
          throw json.problem("sequence_bias", "expected pairs of token ids and a number");
        }
        all.add(sequence(json, "sequence_bias", both.get(0)) + ":" + both.get(1));
      }
    } else {
      throw json.problem("sequence_bias", "expected pairs of token ids and a number");
    }
    return all.isEmpty() ? List.of() : List.of("sequence-bias=" + String.join(";", all));
  }

  /** Those between the penalties and the temperature. */
  static List<String> middle(JsonObject json) throws IOException {
    List<String> stages = new ArrayList<>();
    if (json.values().get("bad_words_ids") instanceof List<?> words && !words.isEmpty()) {
      List<String> all = new ArrayList<>();
      for (Object word : words) {
        all.add(sequence(json, "bad_words_ids", word));
      }
      stages.add("bad-words=" + String.join(";", all));
    }
    addNumber(stages, json, "min_length", "min-length");
    addNumber(stages, json, "min_new_tokens", "min-new-tokens");
    addTokens(stages, json, "forced_bos_token_id", "forced-begin-token=", "");
    if (json.has("max_new_tokens")) {
      addTokens(
          stages,
          json,
          "forced_eos_token_id",
          "forced-end-token(max-new-tokens=" + json.size("max_new_tokens") + ",tokens=",
          ")");
    }
    if (json.has("exponential_decay_length_penalty")) {
      List<Double> pair = json.reals("exponential_decay_length_penalty");
      if (pair.size() != 2) {
        throw json.problem("exponential_decay_length_penalty", "expected a start and a factor");
      }
      stages.add(
          "exponential-decay-length-penalty(start="
              + pair.get(0).intValue()
              + ",factor="
              + pair.get(1)
              + ")");
    }
    addTokens(stages, json, "suppress_tokens", "suppressed-tokens=", "");
    addTokens(
        stages, json, "begin_suppress_tokens", "suppressed-tokens(only-at-begin=true,value=", ")");
    if (json.has("min_eos_p")) {
      stages.add("eos-prioritizer=" + json.real("min_eos_p"));
    }
    return stages;
  }

  private static void addNumber(List<String> stages, JsonObject json, String key, String stage)
      throws IOException {
    int value = json.size(key, 0);
    if (value > 0) {
      stages.add(stage + "=" + value);
    }
  }

  private static void addTokens(
      List<String> stages, JsonObject json, String key, String before, String after)
      throws IOException {
    List<Integer> tokens = json.wholeNumbers(key);
    if (!tokens.isEmpty()) {
      stages.add(before + joined(tokens, ";") + after);
    }
  }

  private static String sequence(JsonObject json, String key, @Nullable Object tokens)
      throws IOException {
    if (!(tokens instanceof List<?> list) || list.isEmpty()) {
      throw json.problem(key, "expected lists of token ids");
    }
    return joined(list, "+");
  }

  private static String joined(List<?> tokens, String separator) {
    return String.join(separator, tokens.stream().map(String::valueOf).toList());
  }

  /** Adds what belongs to the options. */
  static DecodingOptions.Builder options(JsonObject json, DecodingOptions.Builder options)
      throws IOException {
    List<String> stops = json.has("stop_strings") ? stops(json) : List.of();
    if (!stops.isEmpty()) {
      options.stopStrings(stops);
    }
    if (json.has("max_time")) {
      options.timeLimit(Duration.ofMillis((long) (1000 * json.real("max_time"))));
    }
    return options;
  }

  private static List<String> stops(JsonObject json) throws IOException {
    if (json.values().get("stop_strings") instanceof String one) {
      return List.of(one);
    }
    List<String> all = json.texts("stop_strings");
    return all == null ? List.of() : all;
  }

  /**
   * The keys that ask for something that is not done.
   *
   * @param contextLength of the model, which ends a text anyway
   */
  static Set<String> ignored(JsonObject json, int contextLength) throws IOException {
    Set<String> ignored = new TreeSet<>();
    for (Map.Entry<String, @Nullable Object> entry : json.values().entrySet()) {
      String key = entry.getKey();
      if (!KNOWN.contains(key) && !HARMLESS.contains(key) && asksForSomething(entry.getValue())) {
        ignored.add(key);
      }
    }
    if (json.has("max_length")
        && !json.has("max_new_tokens")
        && json.real("max_length") < contextLength) {
      ignored.add("max_length");
    }
    if (json.has("forced_eos_token_id") && !json.has("max_new_tokens")) {
      ignored.add("forced_eos_token_id");
    }
    return ignored;
  }

  private static boolean asksForSomething(@Nullable Object value) {
    return !(value == null
        || value.equals(false)
        || (value instanceof Number number
            && (number.doubleValue() == 0 || number.doubleValue() == 1))
        || (value instanceof List<?> list && list.isEmpty())
        || (value instanceof Map<?, ?> map && map.isEmpty()));
  }
}
