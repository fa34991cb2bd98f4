package io.fundamentallm.benchmarks.decoding;

import io.fundamentallm.Decoders;
import io.fundamentallm.LanguageModels;
import io.fundamentallm.benchmarks.models.ModelFiles;
import io.fundamentallm.benchmarks.models.Shape;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.GenerationSummary;
import io.fundamentallm.model.BatchingLimits;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.PrefixCache;
import io.fundamentallm.model.PrefixCacheStatistics;
import io.fundamentallm.model.Session;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link PrefixCache} saves: the time to the first token of the tenth turn of a conversation
 * that begins with 2,000 shared tokens, with and without it and after a restart with its files; and
 * 32 conversations at once within a bound of bytes. Random weights of a {@link Shape}: the time
 * does not depend on what they are. Every text is compared with that of the same seed without a
 * cache.
 *
 * <p>Arguments, all optional: {@code shape=LONG folder=DIR bound=512 turns=3}: the bound is in MiB,
 * turns are how often the tenth turn is timed.
 */
final class RememberedConversations {
  private static final int SHARED = 2_000;
  private static final int TURNS = 10;
  private static final int ANSWER = 20;
  private static final int QUESTION = 20;
  private static final int CONVERSATIONS = 32;

  private final Shape shape;
  private final Path model;
  private final Path files;
  private final long bound;
  private final int times;

  private RememberedConversations(Shape shape, Path folder, long bound, int times)
      throws Exception {
    this.shape = shape;
    model = new ModelFiles(folder).huggingFace(shape);
    files = Files.createTempDirectory("prefixes");
    this.bound = bound;
    this.times = times;
  }

  public static void main(String[] arguments) throws Exception {
    Shape shape = Shape.LONG;
    Path folder = Path.of("target", "models");
    long bound = 512;
    int times = 3;
    for (String argument : arguments) {
      String value = argument.substring(argument.indexOf('=') + 1);
      switch (argument.substring(0, argument.indexOf('='))) {
        case "shape" -> shape = Shape.valueOf(value);
        case "folder" -> folder = Path.of(value);
        case "bound" -> bound = Long.parseLong(value);
        case "turns" -> times = Integer.parseInt(value);
        default -> throw new IllegalArgumentException("no such argument: " + argument);
      }
    }
    new RememberedConversations(shape, folder, bound << 20, times).run();
  }

  @SuppressWarnings("try") // what closing takes is measured
  private void run() throws Exception {
    int[] last;
    try (LanguageModel loaded = LanguageModels.load(model);
        LanguageModel batching = LanguageModels.batching(loaded, BatchingLimits.defaults());
        PrefixCache cache = onDisk()) {
      System.out.println(loaded.info());
      last = conversation(batching, cache);
      tenthTurn("read anew", batching, last, null);
      tenthTurn("remembered", batching, last, cache);
      together(batching);
      long start = System.nanoTime();
      cache.close();
      System.out.printf(
          Locale.ROOT, "writing what was left: %.2f s%n", (System.nanoTime() - start) * 1e-9);
    }
    try (LanguageModel loaded = LanguageModels.load(model);
        LanguageModel batching = LanguageModels.batching(loaded, BatchingLimits.defaults())) {
      int[] warm = Arrays.copyOf(random(77), 400);
      for (int i = 0; i < 3; i++) {
        write(batching, warm, i, null); // compiled code, as in a process that serves
      }
      try (PrefixCache cache = onDisk()) {
        Written after = write(batching, last, 1, cache);
        print("restarted", after.summary);
        compare(after, write(batching, last, 1, null));
      }
    }
  }

  private PrefixCache onDisk() throws Exception {
    return PrefixCache.builder().maxBytes(bound).directory(files, "none", 8L << 30).build();
  }

  private int[] random(long seed) {
    return new Random(seed).ints(SHARED, 3, shape.vocabulary()).toArray();
  }

  private record Written(List<Integer> tokens, GenerationSummary summary) {}

  private Written write(LanguageModel of, int[] prompt, long seed, @Nullable PrefixCache cache) {
    DecodingOptions.Builder options =
        DecodingOptions.builder().maxNewTokens(ANSWER).ignoreEnd(true).seed(seed);
    if (cache != null) {
      options.prefixCache(cache);
    }
    List<Integer> tokens = new ArrayList<>();
    Generation generation = Decoders.sampling().decode(of, prompt, options.build());
    generation.forEachRemaining(token -> tokens.add(token.id()));
    return new Written(tokens, generation.summary());
  }

  private static int[] joined(int[] first, int[] second) {
    int[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  private int[] next(int[] prompt, Written answer, long seed) {
    int[] tokens = answer.tokens.stream().mapToInt(Integer::intValue).toArray();
    return joined(joined(prompt, tokens), Arrays.copyOf(random(seed), QUESTION));
  }

  /** Nine turns; the prompt of the tenth. */
  private int[] conversation(LanguageModel of, PrefixCache cache) {
    int[] prompt = joined(random(1), Arrays.copyOf(random(2), QUESTION));
    for (int turn = 1; turn < TURNS; turn++) {
      prompt = next(prompt, write(of, prompt, 1, cache), 100 + turn);
    }
    return prompt;
  }

  private void tenthTurn(String name, LanguageModel of, int[] prompt, @Nullable PrefixCache cache) {
    List<Written> all = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      // each time another question, so that it is new
      int[] asked = prompt.clone();
      asked[asked.length - QUESTION] = 3 + i;
      all.add(write(of, asked, 1, cache));
      if (cache != null) {
        compare(all.get(i), write(of, asked, 1, null));
      }
    }
    all.sort((a, b) -> a.summary.timeToFirstToken().compareTo(b.summary.timeToFirstToken()));
    print(name, all.get(all.size() / 2).summary);
  }

  private static void compare(Written with, Written without) {
    if (!with.tokens.equals(without.tokens)) {
      throw new AssertionError("another text: " + with.tokens + ", not " + without.tokens);
    }
  }

  private static void print(String name, GenerationSummary summary) {
    System.out.printf(
        Locale.ROOT,
        "tenth turn, %-11s %8.1f ms to the first token, %d of %d tokens read%n",
        name,
        summary.timeToFirstToken().toNanos() * 1e-6,
        summary.promptTokens() - summary.cachedTokens(),
        summary.promptTokens());
  }

  /** All at once, for three turns, behind a beginning that is read before they come. */
  private void together(LanguageModel of) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(CONVERSATIONS);
    try (PrefixCache cache = PrefixCache.of(bound)) {
      try (Session session = of.open()) {
        session.append(random(5));
        cache.pin(of, random(5), session);
      }
      long start = System.nanoTime();
      List<Future<Long>> all = new ArrayList<>();
      for (int i = 0; i < CONVERSATIONS; i++) {
        long seed = i;
        all.add(
            threads.submit(
                () -> {
                  int[] prompt = joined(random(5), Arrays.copyOf(random(1000 + seed), QUESTION));
                  long read = 0;
                  for (int turn = 0; turn < 3; turn++) {
                    Written answer = write(of, prompt, seed, cache);
                    read += answer.summary.promptTokens() - answer.summary.cachedTokens();
                    prompt = next(prompt, answer, 2000 + seed);
                  }
                  return read;
                }));
      }
      long read = 0;
      for (Future<Long> one : all) {
        read += one.get();
      }
      PrefixCacheStatistics statistics = cache.statistics();
      System.out.printf(
          Locale.ROOT,
          "%d conversations of three turns at once: %.1f s, %d tokens read, %d saved, %d hits of %d;"
              + " %d tokens in %.0f MiB of %.0f held%n",
          CONVERSATIONS,
          (System.nanoTime() - start) * 1e-9,
          read,
          statistics.savedTokens(),
          statistics.hits(),
          statistics.lookups(),
          statistics.heldTokens(),
          statistics.heldBytes() / 1048576.0,
          bound / 1048576.0);
      if (statistics.heldBytes() > bound) {
        throw new AssertionError("more than the bound is held: " + statistics);
      }
    } finally {
      threads.shutdownNow();
    }
  }
}
