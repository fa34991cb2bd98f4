package io.fundamentallm.runtime.gpu;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.Result;
import io.fundamentallm.Cancellation;
import java.nio.ByteBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/**
 * Takes one sequence through the graph. A long append goes in chunks, so that the logits of a whole
 * prompt need not be held at once: a graph gives all of them, asked for or not. Thread-safe.
 */
final class DecoderRun {
  /** Logits of a chunk take at most this many floats, 16 MB, unless the vocabulary is immense. */
  private static final int MOST_LOGITS = 1 << 22;

  /** Beyond some hundred tokens longer chunks are no faster: the weights are read rarely enough. */
  private static final int LONGEST_CHUNK = 512;

  private static final int SHORTEST_CHUNK = 16;

  private final Engine engine;
  private final Graph graph;
  private final CacheStrategy cache;
  private final int vocabularySize;
  private final int chunk;
  private final ConcurrentLinkedQueue<Scratch> unused = new ConcurrentLinkedQueue<>();
  private final ScheduledThreadPoolExecutor clock = Interruption.clock();

  DecoderRun(Engine engine, Graph graph, CacheStrategy cache, int vocabularySize) {
    this.engine = engine;
    this.graph = graph;
    this.cache = cache;
    this.vocabularySize = vocabularySize;
    this.chunk = Math.max(SHORTEST_CHUNK, Math.min(LONGEST_CHUNK, MOST_LOGITS / vocabularySize));
  }

  /**
   * Computes what comes after a past, which is left as it is.
   *
   * @param rows filled with the logits of the last {@code rows.length} tokens
   * @return the past with the tokens, held once by the caller
   * @throws CancellationException when cancelled, also in the middle of a chunk
   * @throws IllegalStateException when ONNX Runtime fails
   */
  Past append(Past past, int[] tokens, float[][] rows, Cancellation cancellation) {
    Scratch polled = unused.poll();
    Scratch scratch = polled == null ? new Scratch() : polled;
    Past current = past.retain();
    try {
      // a graph that keeps nothing gives the logits of all tokens in any case
      int most = cache.outputs().isEmpty() ? tokens.length : chunk;
      for (int from = 0; from < tokens.length; from += most) {
        cancellation.throwIfCancelled();
        int to = Math.min(tokens.length, from + most);
        int[] some = Arrays.copyOfRange(tokens, from, to);
        Past next = run(current, some, wanted(rows, tokens.length, to), scratch, cancellation);
        current.release();
        current = next;
      }
      return current;
    } catch (OrtException e) {
      current.release();
      // a run that was told to end fails
      cancellation.throwIfCancelled();
      throw new IllegalStateException(
          "ONNX Runtime failed after "
              + past.length()
              + " tokens, with "
              + tokens.length
              + " more: "
              + e.getMessage(),
          e);
    } catch (RuntimeException | Error e) {
      current.release();
      throw e;
    } finally {
      unused.add(scratch);
    }
  }

  /** Of the rows for the last of so many tokens, those for tokens before one of them. */
  private static float[][] wanted(float[][] rows, int tokens, int to) {
    return Arrays.copyOf(rows, Math.max(0, rows.length - tokens + to));
  }

  /**
   * @param rows of the last tokens, or of more, of which the first are then filled already
   */
  private Past run(
      Past past, int[] tokens, float[][] rows, Scratch scratch, Cancellation cancellation)
      throws OrtException {
    int wanted = Math.min(rows.length, tokens.length);
    if (wanted == 0 && cache.outputs().isEmpty()) {
      return cache.take(past, tokens, null);
    }
    int[] again = cache.again(past);
    int count = again.length + tokens.length;
    int length = past.length() + tokens.length;
    Map<String, OnnxTensor> own = new HashMap<>();
    Map<String, OnnxTensor> pinned = Map.of();
    try {
      own.put(Graph.INPUT_IDS, ids(scratch.ids(again, tokens)));
      if (graph.positionIds()) {
        own.put(Graph.POSITION_IDS, ids(scratch.positions(length - count, length)));
      }
      if (graph.attentionMask()) {
        own.put(Graph.ATTENTION_MASK, ids(scratch.ones(length)));
      }
      if (graph.cacheBranch()) {
        boolean[] withPast = {length > count};
        own.put(Graph.USE_CACHE_BRANCH, OnnxTensor.createTensor(engine.environment(), withPast));
      }
      ByteBuffer logits = scratch.logits(wanted == 0 ? 0 : logits(count));
      if (wanted > 0) {
        long[] shape = {1, count, vocabularySize};
        pinned =
            Map.of(
                Graph.LOGITS,
                OnnxTensor.createTensor(
                    engine.environment(), logits, shape, graph.precision().type()));
      }
      Map<String, OnnxTensor> inputs = new LinkedHashMap<>(own);
      cache.feed(past, inputs);
      Past next = cache.take(past, tokens, run(inputs, pinned, count, cancellation));
      for (int row = rows.length - wanted; row < rows.length; row++) {
        graph.precision().read(logits, (count - rows.length + row) * vocabularySize, rows[row]);
      }
      return next;
    } finally {
      own.values().forEach(OnnxTensor::close);
      pinned.values().forEach(OnnxTensor::close);
    }
  }

  /** Bytes of the logits of so many tokens. */
  private int logits(int tokens) {
    long bytes = (long) tokens * vocabularySize * graph.precision().bytes();
    if (bytes > Integer.MAX_VALUE - 8) {
      throw new IllegalStateException(
          "the graph gives the logits of all "
              + tokens
              + " tokens at once, more than 2 GB; exported with its cache it takes them in parts");
    }
    return (int) bytes;
  }

  private Result run(
      Map<String, OnnxTensor> inputs,
      Map<String, OnnxTensor> pinned,
      int count,
      Cancellation cancellation)
      throws OrtException {
    Set<String> outputs = cache.outputs();
    if (count == 1) {
      // the time of one token is as long as a cancellation may take
      return engine.session().run(inputs, outputs, pinned, null);
    }
    try (Interruption interruption = new Interruption(clock, cancellation)) {
      return engine.session().run(inputs, outputs, pinned, interruption.options());
    }
  }

  /** [1, n] */
  private OnnxTensor ids(LongBuffer values) throws OrtException {
    return OnnxTensor.createTensor(
        engine.environment(), values, new long[] {1, values.remaining()});
  }

  /** No run may be under way. */
  void close() {
    clock.shutdownNow();
    engine.close();
  }
}
