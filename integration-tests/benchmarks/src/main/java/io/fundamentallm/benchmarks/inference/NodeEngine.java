package io.fundamentallm.benchmarks.inference;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * llama.cpp of 2026 in a process of node, which waits for its turns. It starts the other threads of
 * a token anew for each, as llama.cpp does without OpenMP; node's own work for a token is in the
 * time, too. Its pool has one thread, so that all tokens are computed by the same.
 */
final class NodeEngine implements Engine {
  /** The tokens of a session must fit: 512 of a prompt, or 256 after a short one. */
  private static final int CONTEXT = 640;

  private final Process process;
  private final BufferedReader answers;
  private final BufferedWriter questions;

  private NodeEngine(Process process) {
    this.process = process;
    answers = process.inputReader(UTF_8);
    questions = process.outputWriter(UTF_8);
  }

  /**
   * Starts node with a GGUF file.
   *
   * @param packages a folder in which node-llama-cpp is installed
   * @throws IOException where it is not, or node is missing, or it refuses the file
   */
  static NodeEngine open(Path file, int threads, Path packages) throws IOException {
    if (!Files.isDirectory(packages.resolve("node_modules").resolve("node-llama-cpp"))) {
      throw new IOException(packages + " has no node-llama-cpp, see the benchmarks' README.md");
    }
    Path script = Files.createTempFile("llama", ".mjs");
    script.toFile().deleteOnExit();
    try (InputStream in =
        Objects.requireNonNull(NodeEngine.class.getResourceAsStream("llama.mjs"))) {
      Files.write(script, in.readAllBytes());
    }
    List<String> command =
        List.of(
            "node",
            script.toString(),
            file.toAbsolutePath().toString(),
            String.valueOf(threads),
            String.valueOf(CONTEXT));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(packages.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().put("UV_THREADPOOL_SIZE", "1");
    NodeEngine engine = new NodeEngine(builder.start());
    String first = engine.answers.readLine();
    if (!"ready".equals(first)) {
      engine.close();
      throw new IOException("node refuses it: " + first);
    }
    return engine;
  }

  private double[] ask(int[] prompt, int tokens) {
    String ids = IntStream.of(prompt).mapToObj(Integer::toString).collect(Collectors.joining(" "));
    try {
      questions.write(tokens + " " + ids + "\n");
      questions.flush();
      String answer = answers.readLine();
      if (answer == null) {
        throw new IOException("node has ended");
      }
      double[] numbers = Stream.of(answer.split(" ", -1)).mapToDouble(Double::valueOf).toArray();
      if (numbers.length != 2 + tokens) {
        throw new IOException("llama.cpp gave " + (numbers.length - 2) + " tokens of " + tokens);
      }
      return numbers;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public double prefill(int[] prompt) {
    return ask(prompt, 1)[0];
  }

  @Override
  public double decode(int[] prompt, int tokens) {
    return ask(prompt, tokens)[1] / (tokens - 1);
  }

  @Override
  public double decode(int[][] prompts, int tokens) {
    throw new UnsupportedOperationException("node's loop is not measured with several sessions");
  }

  @Override
  public int[] continuation(int[] prompt, int tokens) {
    return Arrays.stream(ask(prompt, tokens)).skip(2).mapToInt(id -> (int) id).toArray();
  }

  @Override
  public void close() {
    process.destroy();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
