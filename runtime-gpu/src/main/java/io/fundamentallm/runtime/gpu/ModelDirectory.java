package io.fundamentallm.runtime.gpu;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** The files of a model directory that this runtime reads. */
final class ModelDirectory {
  /** The names of Hugging Face Optimum, the second that of older exports. */
  private static final List<String> GRAPHS = List.of("model.onnx", "decoder_model_merged.onnx");

  private ModelDirectory() {}

  /** The first graph that is there; where there is none, the first that could be. */
  static Path graph(Path directory) {
    return GRAPHS.stream()
        .map(directory::resolve)
        .filter(Files::isRegularFile)
        .findFirst()
        .orElseGet(() -> directory.resolve(GRAPHS.get(0)));
  }

  static Path config(Path directory) {
    return directory.resolve("config.json");
  }

  static Path generationConfig(Path directory) {
    return directory.resolve("generation_config.json");
  }

  /** Why a directory without a graph cannot be loaded, and what its owner can do about it. */
  static String withoutGraph(Path directory) {
    if (!Files.isDirectory(directory)) {
      return "no model.onnx; there is no such directory";
    }
    return hasSafetensors(directory)
        ? "no model.onnx; this runtime runs ONNX graphs, and the weights here are safetensors."
            + " One line makes the graph, with io.fundamentallm:fundamentallm-runtime-cpu:"
            + " io.fundamentallm.runtime.cpu.onnx.OnnxExport.write(Path.of(\""
            + directory
            + "\"));"
        : "no model.onnx; this runtime runs ONNX graphs";
  }

  static void requireGraph(Path directory) throws IOException {
    if (!Files.isRegularFile(graph(directory))) {
      throw new NoSuchFileException(graph(directory).toString(), null, withoutGraph(directory));
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
