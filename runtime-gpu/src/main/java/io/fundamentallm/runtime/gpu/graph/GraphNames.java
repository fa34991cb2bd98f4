package io.fundamentallm.runtime.gpu.graph;

import io.fundamentallm.internal.json.JsonObject;
import java.io.IOException;
import java.util.regex.Pattern;

/**
 * What the inputs and outputs of a graph are called: as Hugging Face Optimum does, or as a {@code
 * genai_config.json} of onnxruntime-genai says.
 *
 * @param pastKey matches the inputs with keys, with the number of the layer as its group; the
 *     others alike
 * @param lastPositions where each sequence ends, as GroupQueryAttention's seqlens_k has it
 * @param totalLength the length of the longest, as its total_sequence_length
 */
public record GraphNames(
    String inputIds,
    String attentionMask,
    String positionIds,
    String lastPositions,
    String totalLength,
    String logits,
    String hiddenStates,
    Pattern pastKey,
    Pattern pastValue,
    Pattern presentKey,
    Pattern presentValue) {
  /** Whether there is a past, in decoders merged by Optimum. */
  public static final String USE_CACHE_BRANCH = "use_cache_branch";

  /** Where the new tokens go in a cache of fixed size. */
  static final String CACHE_POSITION = "cache_position";

  /** How many of the last tokens get logits. */
  static final String LOGITS_TO_KEEP = "num_logits_to_keep";

  /** The names that genai_config.json gives, or the usual ones. */
  public static GraphNames of(ModelConfig config) throws IOException {
    JsonObject in = config.decoder().within("inputs");
    JsonObject out = config.decoder().within("outputs");
    return new GraphNames(
        in.text("input_ids", "input_ids"),
        in.text("attention_mask", "attention_mask"),
        in.text("position_ids", "position_ids"),
        in.text("past_sequence_length", "seqlens_k"),
        in.text("total_sequence_length", "total_sequence_length"),
        out.text("logits", "logits"),
        out.text("hidden_states", "hidden_states"),
        layers(in, "past_key_names", "past_key_values.%d.key"),
        layers(in, "past_value_names", "past_key_values.%d.value"),
        layers(out, "present_key_names", "present.%d.key"),
        layers(out, "present_value_names", "present.%d.value"));
  }

  private static Pattern layers(JsonObject names, String key, String defaultTemplate)
      throws IOException {
    String template = names.text(key, defaultTemplate);
    int number = template.indexOf("%d");
    if (number < 0) {
      throw names.problem(
          key, "expected a name with %d for the number of the layer, such as " + defaultTemplate);
    }
    return Pattern.compile(
        Pattern.quote(template.substring(0, number))
            + "(\\d{1,6})"
            + Pattern.quote(template.substring(number + 2)));
  }
}
