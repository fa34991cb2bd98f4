package com.example.writer;

import io.fundamentallm.TextGenerator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ForkJoinPool;

/**
 * Continues a text with the sampler that the process is configured with: once on the main thread,
 * and once on a thread of the common pool, where web frameworks like to run what they are given.
 */
public final class Writer {
  private Writer() {}

  /** Takes the model directory and the prompt. */
  public static void main(String[] args) throws IOException {
    Path model = Path.of(args[0]);
    String prompt = args[1];
    System.out.println("main thread: " + write(model, prompt));
    System.out.println(
        "common pool: "
            + CompletableFuture.supplyAsync(() -> inPool(model, prompt), ForkJoinPool.commonPool())
                .join());
  }

  private static String inPool(Path model, String prompt) {
    try {
      return write(model, prompt);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String write(Path model, String prompt) throws IOException {
    try (TextGenerator generator = TextGenerator.load(model).withSeed(7).withMaxNewTokens(100)) {
      return generator.generate(prompt);
    }
  }
}
