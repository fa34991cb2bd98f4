package io.fundamentallm.runtime.cpu.onnx;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.runtime.cpu.format.ModelFiles;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Writes models as ONNX graphs. Anything that the runtime {@code cpu} loads can be exported: models
 * trained here, directories of Hugging Face transformers, GGUF files.
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
 *     <td>float, or float16 of {@link OnnxWeights#F16}, [B, heads of keys and values, L, head size], L from 0 on</td></tr>
 * <tr><td>{@code logits}</td><td>float [B, T, V]</td></tr>
 * <tr><td>{@code hidden_states}</td><td>float [B, T, hidden size], after the last norm</td></tr>
 * <tr><td>{@code present.N.key}, {@code .value}</td>
 *     <td>the same, [B, heads of keys and values, S, head size]</td></tr>
 * </table>
 *
 * <p>Chunks of a prompt, batches and sequences padded on the left are computed correctly with
 * {@link OnnxWeights#F32}. ONNX Runtime's GroupQueryAttention, with fewer bits and with {@link
 * OnnxWeights#withGroupQueryAttention}, takes padding on the right, and more than one new token
 * after a past only in batches of one; it is used if the head size is a multiple of 8.
 *
 * <p>LongRoPE rotates all of a sequence by other factors once it is longer than the trained
 * context. A graph takes them from the longest position of each run, so a text that grows beyond
 * that context must be read again from its beginning.
 *
 * <p>A graph computes all experts of all tokens, because ONNX has no operator that would compute
 * some of them only: the runtime {@code cpu} is faster there by what it leaves out.
 *
 * <p>Thread-safe, except for calls that write into the same directory.
 */
public final class OnnxExport {
  private OnnxExport() {}

  /**
   * Writes {@code model.onnx} with 32-bit floats into a model's own directory, which then also
   * works for ONNX Runtime.
   *
   * @throws IOException as in {@link #write(Path, OnnxWeights, Path)}
   */
  public static void write(Path modelDirectory) throws IOException {
    write(modelDirectory, OnnxWeights.F32);
  }

  /**
   * Writes {@code model.onnx} into a model's own directory.
   *
   * @param weights how its matrices are held
   * @throws IOException as in {@link #write(Path, OnnxWeights, Path)}
   */
  public static void write(Path modelDirectory, OnnxWeights weights) throws IOException {
    write(modelDirectory, weights, modelDirectory);
  }

  /**
   * Writes {@code model.onnx} into a directory, {@code model.onnx_data} beside it if the weights
   * take more than 2 GB, and copies of the model's configuration and of the tokenizer's files that
   * Hugging Face models have. For a GGUF file the configuration is written too, from its keys. This
   * module does not read tokenizers: add that of a GGUF file or of a plugin with {@code
   * Tokenizers.load(model).save(directory)}, as the command line does.
   *
   * @param model a model's directory, or a GGUF file
   * @param weights how its matrices are held
   * @param directory created if it does not exist
   * @throws IOException when the model cannot be read, for the same reasons as in the runtime, when
   *     it has a weight that {@link OnnxWeights#F16} cannot hold, or when the graph cannot be
   *     written; then what was there before is still there, or there is no {@code model.onnx}
   * @throws IllegalArgumentException when a model's heads cannot have 16 bits
   */
  public static void write(Path model, OnnxWeights weights, Path directory) throws IOException {
    write(model, null, weights, directory, GraphFile.MAX_INSIDE);
  }

  /**
   * The same with a LoRA adapter added to the model's weights.
   *
   * @param model a directory with safetensors
   * @param adapter a directory in PEFT's layout
   * @throws IOException as in {@link #write(Path, OnnxWeights, Path)}, or when the adapter cannot
   *     be read or is not for this model
   */
  public static void write(Path model, Path adapter, OnnxWeights weights, Path directory)
      throws IOException {
    requireNonNull(adapter, "adapter");
    write(model, adapter, weights, directory, GraphFile.MAX_INSIDE);
  }

  static void write(
      Path model, @Nullable Path adapter, OnnxWeights weights, Path directory, long maxInside)
      throws IOException {
    requireNonNull(model, "model");
    requireNonNull(weights, "weights");
    requireNonNull(directory, "directory");
    try (ModelFiles files = ModelFiles.open(model, adapter)) {
      Graph graph = DecoderGraph.of(files.config(), files.weights(), weights);
      Companions.copy(model, files, directory);
      GraphFile.write(graph, directory, maxInside);
    }
  }
}
