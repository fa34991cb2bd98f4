package io.fundamentallm.benchmarks.inference;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.benchmarks.models.ModelFiles;
import io.fundamentallm.benchmarks.models.Shape;
import io.fundamentallm.benchmarks.models.Weights;
import io.fundamentallm.benchmarks.rotation.Arguments;
import io.fundamentallm.benchmarks.rotation.Figure;
import io.fundamentallm.benchmarks.rotation.Machine;
import io.fundamentallm.benchmarks.rotation.Rotation;
import io.fundamentallm.model.BatchingLimits;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What {@link LanguageModels#batching} brings: calling threads that know nothing of each other,
 * each with a session of its own, beside one of them alone, by turns in one process. Prints tokens
 * a second over all callers. With a sampler, they are callers of one {@link TextGenerator}, and its
 * stages and texts are timed with the rest.
 *
 * <p>Arguments are {@code key=value}. Their defaults:
 *
 * <pre>
 * shape=S
 * weights=f32
 * callers=16
 * tokens=64          decoded by each caller, after a prompt of 8
 * rounds=5
 * warmup=2           seconds for each
 * threads=2          of the model
 * sampler=none       or a spec such as temperature=0.8,top-k=40
 * work=DIR           where the models are kept; a folder of the system's temporary one
 * </pre>
 *
 * <p>{@code plain} is one caller of the model itself, so that one sees what the decorator costs.
 */
public final class CompareBatching {
  private static final int PROMPT = 8;

  private CompareBatching() {}

  /** Compares what the arguments say. */
  public static void main(String[] commandLine) throws IOException {
    Map<String, String> defaults = new LinkedHashMap<>();
    defaults.put("shape", "S");
    defaults.put("weights", "f32");
    defaults.put("callers", "16");
    defaults.put("tokens", "64");
    defaults.put("rounds", "5");
    defaults.put("warmup", "2");
    defaults.put("threads", "2");
    defaults.put("sampler", "none");
    defaults.put("work", Path.of(System.getProperty("java.io.tmpdir"), "random-models").toString());
    compare(Arguments.of(commandLine, defaults));
  }

  private static void compare(Arguments arguments) throws IOException {
    Shape shape = Shape.valueOf(arguments.text("shape"));
    Weights weights = Weights.valueOf(arguments.text("weights").toUpperCase(Locale.ROOT));
    Path directory = new ModelFiles(Path.of(arguments.text("work"))).huggingFace(shape);
    int tokens = arguments.number("tokens");
    int callers = arguments.number("callers");
    System.out.println(Machine.description() + ", threads " + arguments.text("threads"));
    ExecutorService threads = Executors.newFixedThreadPool(callers);
    LanguageModel model = OurEngine.load(directory, weights, arguments.number("threads"));
    try (LanguageModel batching = LanguageModels.batching(model, BatchingLimits.defaults())) {
      Rotation rotation = new Rotation();
      String sampler = arguments.text("sampler");
      if (sampler.equals("none")) {
        rotation.add("plain", () -> rate(model, 1, tokens, threads));
        rotation.add("one", () -> rate(batching, 1, tokens, threads));
        rotation.add(callers + " callers", () -> rate(batching, callers, tokens, threads));
      } else {
        TextGenerator generator =
            TextGenerator.of(new Numbers(model.info().vocabularySize()), batching)
                .withSampler(sampler)
                .with(options -> options.minNewTokens(tokens).maxNewTokens(tokens));
        TextGenerator plain = generator.withoutBatching();
        rotation.add("plain", () -> rate(plain, 1, tokens, threads));
        rotation.add("one", () -> rate(generator, 1, tokens, threads));
        rotation.add(callers + " callers", () -> rate(generator, callers, tokens, threads));
      }
      rotation.warmUp(arguments.real("warmup"));
      rotation.run(arguments.number("rounds"));
      for (String name : rotation.names()) {
        Figure.add(
            shape + " " + weights.name().toLowerCase(Locale.ROOT), name, rotation.median(name));
        System.out.printf(
            Locale.ROOT,
            "%s %s %-12s %9.1f tokens/s  %5.2f x one caller%n",
            shape,
            weights.name().toLowerCase(Locale.ROOT),
            name,
            rotation.median(name),
            rotation.median(name) / rotation.median("one"));
      }
    } finally {
      threads.shutdown();
    }
  }

  /** Tokens a second over all callers of a generator, their prompts timed too. */
  private static double rate(
      TextGenerator generator, int callers, int tokens, ExecutorService threads) {
    List<Callable<@Nullable Void>> work = new ArrayList<>();
    for (int caller = 0; caller < callers; caller++) {
      TextGenerator own = generator.withSeed(caller);
      String prompt =
          new SplittableRandom(caller)
              .ints(PROMPT, 3, generator.model().info().vocabularySize())
              .mapToObj(Integer::toString)
              .collect(Collectors.joining(" "));
      work.add(
          () -> {
            own.generate(prompt);
            return null;
          });
    }
    return (double) callers * tokens / seconds(work, threads);
  }

  /** Until all are done. */
  private static double seconds(List<Callable<@Nullable Void>> work, ExecutorService threads) {
    long start = System.nanoTime();
    try {
      for (Future<@Nullable Void> done : threads.invokeAll(work)) {
        done.get();
      }
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
    return (System.nanoTime() - start) * 1e-9;
  }

  /** Tokens a second over all callers, the prompts not timed. */
  private static double rate(
      LanguageModel model, int callers, int tokens, ExecutorService threads) {
    List<Callable<@Nullable Void>> work = new ArrayList<>();
    List<Session> sessions = new ArrayList<>();
    try {
      for (int caller = 0; caller < callers; caller++) {
        Session session = model.open();
        sessions.add(session);
        int vocabulary = model.info().vocabularySize();
        float[] logits = new float[vocabulary];
        session.append(new SplittableRandom(caller).ints(PROMPT, 3, vocabulary).toArray(), logits);
        work.add(() -> decode(session, logits, tokens));
      }
      return (double) callers * tokens / seconds(work, threads);
    } finally {
      sessions.forEach(Session::close);
    }
  }

  private static @Nullable Void decode(Session session, float[] logits, int tokens) {
    int[] next = new int[1];
    for (int i = 0; i < tokens; i++) {
      next[0] = Greedy.choose(logits);
      session.append(next, logits);
    }
    return null;
  }
}
