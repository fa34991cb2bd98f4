package io.fundamentallm.runtime.cpu.gguf;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.runtime.cpu.format.AdaptedLayer;
import io.fundamentallm.runtime.cpu.format.ModelFiles;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes models as GGUF files, the format of llama.cpp and of programs that are built on it, such
 * as Ollama. Anything that the runtime {@code cpu} loads can be exported, if llama.cpp runs its
 * kind: models trained here, directories of Hugging Face transformers, other GGUF files.
 *
 * <p>A file has everything: the weights, the tokenizer with its chat template, and the tokens that
 * begin and end a text. Names of keys and tensors are those of llama.cpp's own converter. One file
 * is replaced as a whole; a few megabytes of weights are in memory at a time.
 *
 * <p>What llama.cpp would compute otherwise is refused by name. So are sliding windows shorter than
 * the context, except for Gemma and gpt-oss: llama.cpp has none for Mistral, Mixtral, Phi-3, Qwen,
 * SmolLM3 and StarCoder 2. Where texts are no longer than the window, a {@code config.json} with
 * {@code "sliding_window": null} is the same model.
 *
 * <p>Thread-safe, except for calls that write the same file.
 */
public final class GgufExport {
  private GgufExport() {}

  /**
   * Writes a model.
   *
   * @param model a model's directory, or a GGUF file
   * @param tokenizer the model's own, such as {@code Tokenizers.load(model)}
   * @param weights how the matrices are held
   * @param file where it goes, ending in {@code .gguf}; its directory is created if missing
   * @throws IOException when the model cannot be read, for the same reasons as in the runtime, when
   *     it has a weight that the form cannot hold, or when the file cannot be written; then what
   *     was there before is still there
   * @throws IllegalArgumentException when the file's name ends otherwise, llama.cpp does not run
   *     such models, or the tokenizer has more tokens than the model, or so few that it is another
   *     model's; the message says why
   * @throws UnsupportedOperationException when llama.cpp has no such tokenizers
   */
  public static void write(Path model, Tokenizer tokenizer, GgufWeights weights, Path file)
      throws IOException {
    export(model, null, tokenizer, weights, file);
  }

  /**
   * The same with a LoRA adapter added to the model's weights.
   *
   * @param model a directory with safetensors
   * @param adapter a directory in PEFT's layout
   * @throws IOException as in {@link #write(Path, Tokenizer, GgufWeights, Path)}, or when the
   *     adapter cannot be read or is not for this model
   */
  public static void write(
      Path model, Path adapter, Tokenizer tokenizer, GgufWeights weights, Path file)
      throws IOException {
    export(model, requireNonNull(adapter, "adapter"), tokenizer, weights, file);
  }

  /**
   * Writes a LoRA adapter alone, with 32-bit floats. llama.cpp adds it to the model's own file, as
   * by {@code --lora}.
   *
   * @param model a directory with safetensors, for which the adapter was trained
   * @param adapter a directory in PEFT's layout
   * @param file where it goes, ending in {@code .gguf}
   * @throws IOException when a file cannot be read or written, or the adapter is not for this model
   * @throws IllegalArgumentException when the file's name ends otherwise, or llama.cpp does not run
   *     such models
   */
  public static void writeAdapter(Path model, Path adapter, Path file) throws IOException {
    requireNonNull(model, "model");
    requireNonNull(adapter, "adapter");
    requireName(file);
    try (ModelFiles files = ModelFiles.open(model, adapter)) { // which checks all shapes
      ModelKeys shape = new ModelKeys(files.config());
      List<AdaptedLayer> layers = AdaptedLayer.read(files, adapter);
      boolean tied = files.weights().head().matrix() == files.weights().embedding();
      if (tied && layers.stream().anyMatch(layer -> layer.name().equals("output"))) {
        throw new IOException(adapter + ": changes a head that is the token embedding too");
      }
      MetadataWriter keys =
          new MetadataWriter()
              .text("general.architecture", shape.architecture())
              .text("general.type", "adapter")
              .text("general.name", name(adapter))
              .text("adapter.type", "lora")
              .real("adapter.lora.alpha", AdapterTensors.alpha(layers));
      TensorFile.write(file, keys, AdapterTensors.of(layers, shape, files.config().headSize()));
    }
  }

  private static void export(
      Path model, @Nullable Path adapter, Tokenizer tokenizer, GgufWeights weights, Path file)
      throws IOException {
    requireNonNull(model, "model");
    requireNonNull(tokenizer, "tokenizer");
    requireNonNull(weights, "weights");
    requireName(file);
    try (ModelFiles files = ModelFiles.open(model, adapter)) {
      ModelKeys shape = new ModelKeys(files.config());
      List<FileTensor> tensors = NamedTensors.of(files.config(), shape, files.weights());
      MetadataWriter keys =
          new MetadataWriter()
              .text("general.architecture", shape.architecture())
              .text("general.type", "model")
              .text("general.name", name(model))
              .number("general.file_type", weights.fileType().number);
      if (weights.fileType().quantized()) {
        keys.number("general.quantization_version", 2);
      }
      shape.write(keys);
      TokenizerKeys.add(tokenizer, files, keys);
      TensorFile.write(file, keys, entries(tensors, weights, shape, files.config().layers()));
    }
  }

  private static void requireName(Path file) {
    if (!requireNonNull(file, "file").toString().endsWith(".gguf")) {
      throw new IllegalArgumentException(
          file + ": expected a name that ends in .gguf, by which it is known when it is loaded");
    }
  }

  private static List<TensorFile.Entry> entries(
      List<FileTensor> tensors, GgufWeights weights, ModelKeys shape, int layers)
      throws IOException {
    ImportanceMatrix importance =
        weights.importance().isEmpty()
            ? ImportanceMatrix.none()
            : ImportanceMatrix.read(weights.importance().get());
    List<TensorFile.Entry> entries = new ArrayList<>();
    for (FileTensor tensor : tensors) {
      entries.add(
          new TensorFile.Entry(
              tensor,
              weights.fileType().type(tensor, layers, shape.experts()),
              importance.of(tensor)));
    }
    return entries;
  }

  private static String name(Path model) {
    Path name = model.toAbsolutePath().normalize().getFileName();
    String text = name == null ? "model" : name.toString();
    return text.endsWith(".gguf") ? text.substring(0, text.length() - ".gguf".length()) : text;
  }
}
