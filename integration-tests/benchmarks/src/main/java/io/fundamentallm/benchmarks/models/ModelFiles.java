package io.fundamentallm.benchmarks.models;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.runtime.cpu.gguf.GgufExport;
import io.fundamentallm.runtime.cpu.gguf.GgufWeights;
import io.fundamentallm.runtime.cpu.onnx.OnnxExport;
import io.fundamentallm.runtime.cpu.onnx.OnnxWeights;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Locale;

/**
 * The files of the random models, kept in a folder and written when first asked for: after a change
 * of what writes them, the folder has to go. Not for several processes at a time.
 *
 * @param folder where they are kept
 */
public record ModelFiles(Path folder) {
  /** Writes what the path names. */
  private interface Writer {
    void write(Path path) throws IOException;
  }

  /** A directory in Hugging Face's layout, with 32 bits a weight, the larger ones with 16. */
  public Path huggingFace(Shape shape) {
    return kept(name(shape) + "-huggingface", path -> HuggingFace.write(shape, path));
  }

  /** A GGUF file, as the library exports it, with a vocabulary of {@link TokenText}. */
  public Path gguf(Shape shape, GgufWeights weights) {
    Path tokenizer =
        kept("tokenizer-" + shape.vocabulary(), path -> TokenText.write(shape.vocabulary(), path));
    return kept(
        name(shape) + "-" + weights + ".gguf",
        path -> GgufExport.write(huggingFace(shape), Tokenizers.load(tokenizer), weights, path));
  }

  /** A directory with {@code model.onnx}. */
  public Path onnx(Shape shape, Weights weights) {
    return kept(name(shape, weights) + "-onnx", path -> OnnxDecoder.write(shape, weights, path));
  }

  /** A directory with what {@link OnnxExport} makes of the one in Hugging Face's layout. */
  public Path exported(Shape shape, OnnxWeights weights) {
    return kept(name(shape, weights), path -> OnnxExport.write(huggingFace(shape), weights, path));
  }

  private static String name(Shape shape, OnnxWeights weights) {
    return name(shape)
        + (weights.bits() == OnnxWeights.F32.bits() ? "-f32" : "-int" + weights.bits())
        + (weights.roundedInputs() ? "-rounded" : "")
        + (weights.groupQueryAttention() ? "-grouped" : "")
        + "-exported";
  }

  private static String name(Shape shape, Weights weights) {
    return name(shape) + "-" + weights.name().toLowerCase(Locale.ROOT);
  }

  /** What is kept of another context is another model. */
  private static String name(Shape shape) {
    return shape + "-" + shape.positions;
  }

  /** Under its name only when it is whole. */
  private Path kept(String name, Writer writer) {
    Path path = folder.resolve(name);
    if (!Files.exists(path)) {
      System.out.println("writing " + path);
      Path unfinished = folder.resolve("unfinished-" + name);
      try {
        Files.createDirectories(folder);
        writer.write(unfinished);
        Files.move(unfinished, path, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return path;
  }
}
