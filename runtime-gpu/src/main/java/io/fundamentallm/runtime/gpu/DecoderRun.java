package io.fundamentallm.runtime.gpu;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.Result;
import ai.onnxruntime.OrtSession.RunOptions;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.CacheFullException;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.runtime.gpu.cache.CacheStrategy;
import io.fundamentallm.runtime.gpu.cache.Grouping;
import io.fundamentallm.runtime.gpu.cache.Past;
import io.fundamentallm.runtime.gpu.cache.PastSequence;
import io.fundamentallm.runtime.gpu.cache.Turn;
import io.fundamentallm.runtime.gpu.graph.GraphSignature;
import io.fundamentallm.runtime.gpu.memory.DeviceRows;
import io.fundamentallm.runtime.gpu.ort.Engine;
import io.fundamentallm.runtime.gpu.ort.FixedRuns;
import io.fundamentallm.runtime.gpu.ort.RunInterruption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs sequences through the graph. Short appends share a run where the cache lets them. Long ones
 * run alone and in chunks, because a graph returns the logits of all tokens, needed or not, and
 * those of a whole prompt would fill the memory. Thread-safe.
 *
 * @param <P> the pasts of the strategy
 */
final class DecoderRun<P extends Past> {
  /** Logits of a run take at most this many floats, 16 MB, unless the vocabulary is immense. */
  private static final int MAX_LOGITS = 1 << 22;

  /**
   * Longer chunks are no faster: a chunk of a few hundred tokens already reads the weights rarely
   * enough.
   */
  private static final int LONGEST_CHUNK = 512;

  private static final int SHORTEST_CHUNK = 16;

  /** Longer appends already read the weights rarely enough by themselves. */
  private static final int LONGEST_JOINED = 64;

  private final Engine engine;
  private final GraphSignature graph;
  private final CacheStrategy<P> cache;
  private final @Nullable DeviceRows deviceLogits;
  private final Grouping<P> grouping;
  private final int chunk;
  private final ConcurrentLinkedQueue<Scratch> unused = new ConcurrentLinkedQueue<>();
  private final ScheduledThreadPoolExecutor clock = RunInterruption.clock();

  private record Scratch(RunInputs inputs, RunRows logits, @Nullable RunRows hidden) {}

  /**
   * Takes ownership of its arguments.
   *
   * @param deviceLogits for logits computed by a device that has its own memory
   */
  DecoderRun(
      Engine engine,
      GraphSignature graph,
      CacheStrategy<P> cache,
      @Nullable DeviceRows deviceLogits) {
    this.engine = engine;
    this.deviceLogits = deviceLogits;
    this.graph = graph;
    this.cache = cache;
    int vocabularySize = graph.logits().width();
    this.grouping = new Grouping<>(cache, MAX_LOGITS / vocabularySize);
    int fitting = Math.max(SHORTEST_CHUNK, Math.min(LONGEST_CHUNK, MAX_LOGITS / vocabularySize));
    this.chunk = graph.oneToken() ? 1 : graph.slots().isEmpty() ? Integer.MAX_VALUE : fitting;
  }

  /**
   * Computes what comes after pasts, which do not change, and fills the logits of the batch.
   *
   * @param pasts of the batch's sessions
   * @return the pasts with the new tokens, each held once by the caller
   * @throws CancellationException when cancelled, also in the middle of a run
   * @throws IllegalStateException when ONNX Runtime fails
   */
  List<P> append(List<Append> batch, List<P> pasts, Cancellation cancellation) {
    Map<Integer, P> nexts = new TreeMap<>();
    try {
      List<PastSequence<P>> joined = new ArrayList<>();
      for (int i = 0; i < batch.size(); i++) {
        Append append = batch.get(i);
        PastSequence<P> sequence =
            sequence(i, pasts.get(i), append.tokens(), append.logits(), append.hidden());
        if (sequence.count() > Math.min(chunk, LONGEST_JOINED)) {
          nexts.put(i, alone(sequence, cancellation));
        } else {
          joined.add(sequence);
        }
      }
      for (List<PastSequence<P>> group : grouping.of(joined)) {
        cancellation.throwIfCancelled();
        List<P> after = together(group, cancellation);
        for (int i = 0; i < after.size(); i++) {
          nexts.put(group.get(i).index(), after.get(i));
        }
      }
      return List.copyOf(nexts.values());
    } catch (OrtException e) {
      nexts.values().forEach(Past::release);
      // a run that was asked to end fails
      cancellation.throwIfCancelled();
      throw new IllegalStateException(
          (isJvmShuttingDown() ? "the JVM ends, and " : "")
              + "ONNX Runtime failed after "
              + pasts.stream().map(Past::length).toList()
              + " tokens, with "
              + batch.stream().map(append -> append.tokens().length).toList()
              + " more: "
              + e.getMessage(),
          e);
    } catch (RuntimeException | Error e) {
      nexts.values().forEach(Past::release);
      throw e;
    }
  }

  /** Whether ONNX Runtime's own shutdown hook may have freed what runs need. */
  static boolean isJvmShuttingDown() {
    Thread hook = new Thread(() -> {});
    try {
      Runtime.getRuntime().addShutdownHook(hook);
      return !Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return true;
    }
  }

  private PastSequence<P> sequence(
      int index, P past, int[] tokens, float[][] logits, float[][] hidden) {
    return new PastSequence<>(index, past, cache.recomputed(past), tokens, logits, hidden);
  }

  /** One sequence, in chunks. */
  private P alone(PastSequence<P> whole, Cancellation cancellation) throws OrtException {
    int[] tokens = whole.tokens();
    P current = whole.past();
    current.retain();
    try {
      for (int from = 0; from < tokens.length; from += Math.min(chunk, tokens.length - from)) {
        cancellation.throwIfCancelled();
        int to = from + Math.min(chunk, tokens.length - from);
        int after = tokens.length - to;
        PastSequence<P> part =
            sequence(
                whole.index(),
                current,
                Arrays.copyOfRange(tokens, from, to),
                before(whole.logits(), after),
                before(whole.hidden(), after));
        P next = run(List.of(part), cancellation).get(0);
        current.release();
        current = next;
      }
      return current;
    } catch (OrtException | RuntimeException | Error e) {
      current.release();
      throw e;
    }
  }

  /** The rows for the last tokens, without those for the very last ones. */
  private static float[][] before(float[][] rows, int last) {
    return Arrays.copyOf(rows, Math.max(0, rows.length - last));
  }

  /** One run, or several if there is no memory for all of them at once. */
  private List<P> together(List<PastSequence<P>> group, Cancellation cancellation)
      throws OrtException {
    try {
      return run(group, cancellation);
    } catch (CacheFullException e) {
      if (group.size() == 1) {
        throw e;
      }
    }
    int half = group.size() / 2;
    List<P> nexts = new ArrayList<>(together(group.subList(0, half), cancellation));
    try {
      nexts.addAll(together(group.subList(half, group.size()), cancellation));
      return nexts;
    } catch (OrtException | RuntimeException | Error e) {
      nexts.forEach(Past::release);
      throw e;
    }
  }

  private List<P> run(List<PastSequence<P>> sequences, Cancellation cancellation)
      throws OrtException {
    Scratch polled = unused.poll();
    Scratch scratch =
        polled != null
            ? polled
            : new Scratch(
                new RunInputs(engine.environment(), graph),
                new RunRows(engine.environment(), graph.logits(), deviceLogits),
                graph.hidden().isPresent()
                    ? new RunRows(engine.environment(), graph.hidden().get(), null)
                    : null);
    try {
      return run(sequences, scratch, cancellation);
    } finally {
      unused.add(scratch);
    }
  }

  private List<P> run(List<PastSequence<P>> sequences, Scratch scratch, Cancellation cancellation)
      throws OrtException {
    // loops, because this runs for each token
    List<P> pasts = new ArrayList<>(sequences.size());
    List<int[]> tokens = new ArrayList<>(sequences.size());
    boolean left = cache.padsLeft();
    int columns = 0;
    for (PastSequence<P> sequence : sequences) {
      pasts.add(sequence.past());
      tokens.add(sequence.tokens());
      columns = Math.max(columns, sequence.count());
    }
    int kept = kept(sequences, PastSequence::logits, columns, left);
    int given = graph.logitsToKeep().isPresent() ? kept : columns;
    boolean all = true;
    for (PastSequence<P> sequence : sequences) {
      all &= sequence.wanted(sequence.logits()) == given;
    }
    boolean hidden = kept(sequences, PastSequence::hidden, columns, left) > 0;
    try (Turn<P> turn = cache.turn(pasts, tokens)) {
      Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
      Map<String, OnnxTensor> pinned = new LinkedHashMap<>();
      turn.feed(inputs, pinned);
      if (kept > 0) {
        scratch.logits.pin(sequences.size(), given, all, pinned);
      }
      if (hidden && scratch.hidden != null) {
        scratch.hidden.pin(sequences.size(), columns, true, pinned);
      }
      if (pinned.isEmpty() && turn.outputs().isEmpty()) {
        return turn.take(null);
      }
      scratch.inputs.feed(sequences, turn, left, columns, Math.max(1, kept), inputs);
      FixedRuns.Fixed fixed = kept == 0 || hidden ? null : turn.fixed();
      Result result =
          fixed == null
              ? run(inputs, turn, pinned, columns, cancellation)
              : fixed.run(inputs, pinned);
      try {
        if (kept > 0) {
          scratch.logits.read(sequences, PastSequence::logits, turn, left, columns, given);
        }
        if (hidden && scratch.hidden != null) {
          scratch.hidden.read(sequences, PastSequence::hidden, turn, left, columns, columns);
        }
      } catch (OrtException | RuntimeException | Error e) {
        result.close();
        throw e;
      }
      return turn.take(result);
    } finally {
      scratch.logits.reset();
    }
  }

  /** How many of the last columns hold all rows that are needed. */
  private static int kept(
      List<? extends PastSequence<?>> sequences,
      Function<PastSequence<?>, float[][]> rows,
      int columns,
      boolean padsLeft) {
    int kept = 0;
    for (PastSequence<?> sequence : sequences) {
      int wanted = sequence.wanted(rows.apply(sequence));
      if (wanted > 0) {
        int trailing = padsLeft ? 0 : columns - sequence.count();
        kept = Math.max(kept, trailing + wanted);
      }
    }
    return kept;
  }

  private Result run(
      Map<String, OnnxTensor> inputs,
      Turn<?> turn,
      Map<String, OnnxTensor> pinned,
      int columns,
      Cancellation cancellation)
      throws OrtException {
    if (columns == 1 && !engine.cudaGraphs()) {
      // a cancellation may take as long as one token does
      return engine.session().run(inputs, turn.outputs(), pinned, null);
    }
    RunOptions options = new RunOptions();
    if (engine.cudaGraphs()) {
      FixedRuns.forbid(options);
    }
    try (RunInterruption interruption = new RunInterruption(clock, cancellation, options)) {
      return engine.session().run(inputs, turn.outputs(), pinned, interruption.options());
    }
  }

  /** No run may be under way. */
  void close() {
    clock.shutdownNow();
    for (Scratch scratch = unused.poll(); scratch != null; scratch = unused.poll()) {
      scratch.inputs.close();
      scratch.logits.close();
      if (scratch.hidden != null) {
        scratch.hidden.close();
      }
    }
    cache.close();
    if (deviceLogits != null) {
      deviceLogits.close();
    }
    engine.close();
  }
}
