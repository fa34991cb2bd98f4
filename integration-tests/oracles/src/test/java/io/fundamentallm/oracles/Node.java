package io.fundamentallm.oracles;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A package of the npm registry, installed into the module's target directory, and a script. */
final class Node {
  private static final Path FOLDER = Path.of("target", "oracles").toAbsolutePath();

  private final Path place;
  private final String script;

  private Node(Path place, String script) {
    this.place = place;
    this.script = script;
  }

  /** llama.cpp, in a build of 2026. */
  static Node llamaCpp() throws IOException, InterruptedException {
    return installed("node-llama-cpp@3.21.1", "llama.mjs");
  }

  /** ONNX Runtime behind Hugging Face's own tokenizers and loop. */
  static Node transformersJs() throws IOException, InterruptedException {
    return installed("@huggingface/transformers@4.3.1", "transformers.mjs", "--ignore-scripts");
  }

  /** Hugging Face's interpreter of templates. */
  static Node jinja() throws IOException, InterruptedException {
    return installed("@huggingface/jinja@0.5.11", "jinja.mjs", "--ignore-scripts");
  }

  private static Node installed(String name, String script, String... options)
      throws IOException, InterruptedException {
    Path place = FOLDER.resolve(script.substring(0, script.indexOf('.')));
    Node node = new Node(place, script);
    Files.createDirectories(place);
    if (!Files.isRegularFile(place.resolve("installed"))) {
      List<String> command =
          new ArrayList<>(List.of("npm", "install", "-E", "--no-audit", "--no-fund", name));
      command.addAll(List.of(options));
      node.run(command);
      Files.writeString(place.resolve("installed"), name);
    }
    try (InputStream in = Node.class.getResourceAsStream("/" + script)) {
      Files.write(place.resolve(script), in.readAllBytes());
    }
    return node;
  }

  /** What the script prints, line by line. */
  List<String> run(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("node", script));
    command.addAll(List.of(arguments));
    return run(command);
  }

  private List<String> run(List<String> command) throws IOException, InterruptedException {
    Path out = Files.createTempFile(place, "out", ".txt");
    Path err = Files.createTempFile(place, "err", ".txt");
    try {
      Process process =
          new ProcessBuilder(command)
              .directory(place.toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      if (!process.waitFor(10, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        throw new IOException(command + " takes more than ten minutes");
      }
      if (process.exitValue() != 0) {
        throw new IOException(command + ": " + Files.readString(err, StandardCharsets.UTF_8));
      }
      return Files.readAllLines(out, StandardCharsets.UTF_8);
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }
}
