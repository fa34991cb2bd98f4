package io.fundamentallm.runtime.cpu.onnx;

/** Adds the attention of new tokens to a graph: over the incoming past and over themselves. */
interface AttentionNodes {

  /**
   * One layer.
   *
   * @param query [B, T, H·D], rotated
   * @param key [B, T, keyValueHeads·D], rotated
   * @param value [B, T, keyValueHeads·D]
   * @param sinks a constant [keyValueHeads, G, 1, 1] of scores for attending to nothing, with G
   *     heads for each of keys and values; empty for none
   * @return [B, T, H·D]
   */
  String attend(int layer, String query, String key, String value, String sinks);

  /** The input with the keys or values of a layer. */
  static String past(int layer, String part) {
    return "past_key_values." + layer + "." + part;
  }

  /** The output with the keys or values of a layer. */
  static String present(int layer, String part) {
    return "present." + layer + "." + part;
  }
}
