package io.fundamentallm.runtime.gpu.graph;

import java.io.IOException;
import java.nio.file.Path;
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

  public static GraphNames read(Path directory) throws IOException {
    ConfigJson file = ConfigJson.readIfExists(OnnxDirectory.genAiConfig(directory));
    String in = "model.decoder.inputs.";
    String out = "model.decoder.outputs.";
    return new GraphNames(
        file.text(in + "input_ids").orElse("input_ids"),
        file.text(in + "attention_mask").orElse("attention_mask"),
        file.text(in + "position_ids").orElse("position_ids"),
        file.text(in + "past_sequence_length").orElse("seqlens_k"),
        file.text(in + "total_sequence_length").orElse("total_sequence_length"),
        file.text(out + "logits").orElse("logits"),
        file.text(out + "hidden_states").orElse("hidden_states"),
        layers(file, in + "past_key_names", "past_key_values.%d.key"),
        layers(file, in + "past_value_names", "past_key_values.%d.value"),
        layers(file, out + "present_key_names", "present.%d.key"),
        layers(file, out + "present_value_names", "present.%d.value"));
  }

  private static Pattern layers(ConfigJson file, String key, String usual) throws IOException {
    String template = file.text(key).orElse(usual);
    int number = template.indexOf("%d");
    if (number < 0) {
      throw new IOException(
          file.file()
              + ": \""
              + key
              + "\" is "
              + template
              + ", expected a name with %d for the number of the layer, such as "
              + usual);
    }
    return Pattern.compile(
        Pattern.quote(template.substring(0, number))
            + "(\\d{1,6})"
            + Pattern.quote(template.substring(number + 2)));
  }
}
