package io.fundamentallm.benchmarks.loading;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * Loads a model, generates, closes it and loads it again, in a JVM of its own, and prints what was
 * seen of that: lines of a name and a number.
 */
final class LoadOnce {
  private LoadOnce() {}

  /** The arguments are a model, the runtime's spec and how many tokens to generate. */
  public static void main(String[] arguments) throws IOException {
    Path model = Path.of(arguments[0]);
    long start = System.nanoTime();
    try (LanguageModel loaded = LanguageModels.load(model, arguments[1])) {
      print("load, cold JVM", seconds(start));
      print("start of the JVM to loaded", sinceStart());
      printMemory("loaded");
      generate(loaded, Integer.parseInt(arguments[2]));
      printMemory("generated");
    }
    long again = System.nanoTime();
    LanguageModels.load(model, arguments[1]).close();
    print("load, warm JVM", seconds(again));
  }

  private static void generate(LanguageModel model, int tokens) {
    float[] logits = new float[model.info().vocabularySize()];
    int[] next = {model.info().vocabularySize() / 2};
    try (Session session = model.open()) {
      for (int i = 0; i < tokens; i++) {
        session.append(next, logits);
        for (int id = 0; id < logits.length; id++) {
          next[0] = logits[id] > logits[next[0]] ? id : next[0];
        }
      }
    }
  }

  private static double seconds(long start) {
    return (System.nanoTime() - start) * 1e-9;
  }

  private static double sinceStart() {
    Instant start = ProcessHandle.current().info().startInstant().orElse(Instant.now());
    return Duration.between(start, Instant.now()).toMillis() * 1e-3;
  }

  /**
   * In MB of 10<sup>6</sup> bytes, where Linux tells. Pages of the mapped file count as resident.
   */
  private static void printMemory(String when) throws IOException {
    Path status = Path.of("/proc/self/status");
    for (String line : Files.exists(status) ? Files.readAllLines(status) : List.<String>of()) {
      String[] words = line.split("\\s+", -1);
      if (List.of("VmHWM:", "VmRSS:", "RssAnon:", "RssFile:").contains(words[0])) {
        print(when + " " + words[0].replace(":", ""), Long.parseLong(words[1]) * 1024e-6);
      }
    }
  }

  private static void print(String name, double value) {
    System.out.printf(Locale.ROOT, "%s\t%.3f%n", name, value);
  }
}
