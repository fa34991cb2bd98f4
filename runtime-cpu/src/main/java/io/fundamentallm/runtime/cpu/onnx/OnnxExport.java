package io.fundamentallm.runtime.cpu.onnx;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.runtime.cpu.format.ModelFiles;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Writes models as ONNX graphs. What the runtime {@code cpu} loads can be exported: what was
 * trained, directories of Hugging Face transformers, GGUF files.
 *
 * <p>The graph is that of a decoder with a key/value cache, with the names of Hugging Face Optimum.
 * B sequences, T new tokens, L tokens of the past, S = L + T, V vocabulary:
 *
 * <table>
 * <caption>Inputs and outputs</caption>
 * <tr><th>name</th><th>type and shape</th></tr>
 * <tr><td>{@code input_ids}</td><td>int64 [B, T]</td></tr>
 * <tr><td>{@code attention_mask}</td><td>int64 [B, S], 0 where there is padding</td></tr>
 * <tr><td>{@code position_ids}</td><td>int64 [B, T]</td></tr>
 * <tr><td>{@code past_key_values.N.key}, {@code .value}</td>
 *     <td>float [B, heads of keys and values, L, head size], L from 0 on</td></tr>
 * <tr><td>{@code logits}</td><td>float [B, T, V]</td></tr>
 * <tr><td>{@code present.N.key}, {@code .value}</td>
 *     <td>float [B, heads of keys and values, S, head size]</td></tr>
 * </table>
 *
 * <p>Thread-safe.
 */
public final class OnnxExport {
  private OnnxExport() {}

  /**
   * Writes {@code model.onnx} with 32-bit floats into a model's own directory, and beside it {@code
   * model.onnx_data} where the weights take more than 2 GB.
   *
   * @throws IOException when the model cannot be read, see the runtime's own reasons, or the graph
   *     not be written; one that was there is then still there, or none is
   */
  public static void write(Path modelDirectory) throws IOException {
    write(modelDirectory, modelDirectory, GraphFile.MOST_INSIDE);
  }

  static void write(Path model, Path directory, long mostInside) throws IOException {
    requireNonNull(model, "model");
    try (ModelFiles files = ModelFiles.open(model)) {
      GraphFile.write(DecoderGraph.of(files.config(), files.weights()), directory, mostInside);
    }
  }
}
