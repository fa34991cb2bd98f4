package io.fundamentallm.runtime.gpu.graph;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The files of a model directory that this runtime reads. */
public final class OnnxDirectory {
  /** The names of Hugging Face Optimum, the second that of older exports. */
  private static final List<String> GRAPHS = List.of("model.onnx", "decoder_model_merged.onnx");

  private static final String FILENAME = "model.decoder.filename";

  private OnnxDirectory() {}

  /**
   * The graph that genai_config.json names, or the first that is there; where there is none, the
   * first that could be.
   */
  public static Path graph(Path directory) throws IOException {
    ConfigJson genAi = ConfigJson.readIfExists(genAiConfig(directory));
    Optional<String> named = genAi.text(FILENAME);
    if (named.isPresent()) {
      if (named.get().isBlank() || named.get().matches("(?s).*[/\\\\\0].*|\\.\\.?")) {
        throw badName(genAi.file(), named.get(), null);
      }
      try {
        return directory.resolve(named.get());
      } catch (InvalidPathException e) {
        throw badName(genAi.file(), named.get(), e);
      }
    }
    return GRAPHS.stream()
        .map(directory::resolve)
        .filter(Files::isRegularFile)
        .findFirst()
        .orElseGet(() -> directory.resolve(GRAPHS.get(0)));
  }

  private static IOException badName(Path file, String name, @Nullable Throwable cause) {
    return new IOException(
        file + ": \"" + FILENAME + "\" is " + name + ", expected a file in the same directory",
        cause);
  }

  public static Path config(Path directory) {
    return directory.resolve("config.json");
  }

  static Path generationConfig(Path directory) {
    return directory.resolve("generation_config.json");
  }

  /** That of onnxruntime-genai. */
  public static Path genAiConfig(Path directory) {
    return directory.resolve("genai_config.json");
  }

  /** Why a directory without a graph cannot be loaded, and what its owner can do about it. */
  public static String withoutGraph(Path directory, Path graph) {
    String missing = "no " + graph.getFileName() + "; ";
    if (!Files.isDirectory(directory)) {
      return missing + "there is no such directory";
    }
    return hasSafetensors(directory)
        ? missing
            + "this runtime runs ONNX graphs, and the weights here are safetensors."
            + " One line makes the graph, with io.fundamentallm:fundamentallm-runtime-cpu:"
            + " io.fundamentallm.runtime.cpu.onnx.OnnxExport.write(Path.of(\""
            + directory
            + "\"));"
        : missing + "this runtime runs ONNX graphs";
  }

  public static void requireGraph(Path directory) throws IOException {
    Path graph = graph(directory);
    if (!Files.isRegularFile(graph)) {
      throw new NoSuchFileException(graph.toString(), null, withoutGraph(directory, graph));
    }
  }

  private static boolean hasSafetensors(Path directory) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, "*.safetensors")) {
      return files.iterator().hasNext();
    } catch (IOException e) {
      return false; // only the hint is lost
    }
  }
}
