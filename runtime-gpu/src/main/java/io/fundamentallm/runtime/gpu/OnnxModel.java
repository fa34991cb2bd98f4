package io.fundamentallm.runtime.gpu;

import static java.util.Objects.requireNonNull;

import ai.onnxruntime.OrtException;
import io.fundamentallm.Append;
import io.fundamentallm.Cancellation;
import io.fundamentallm.LanguageModel;
import io.fundamentallm.ModelInfo;
import io.fundamentallm.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A decoder on ONNX Runtime. Passes run side by side, each sequence of a batch after the other, and
 * each on all of ONNX Runtime's threads.
 */
final class OnnxModel implements LanguageModel {
  private static final Logger log = LoggerFactory.getLogger(OnnxModel.class);

  private final ModelInfo info;
  private final CacheStrategy cache;
  private final DecoderRun run;

  /** Passes read, close writes: closing ONNX Runtime's session during a run crashes the JVM. */
  private final ReadWriteLock passes = new ReentrantReadWriteLock();

  private volatile boolean closed;

  private OnnxModel(ModelInfo info, CacheStrategy cache, DecoderRun run) {
    this.info = info;
    this.cache = cache;
    this.run = run;
  }

  static OnnxModel load(Path directory, Device device, int threads) throws IOException {
    ModelConfig config = ModelConfig.read(directory);
    Path file = ModelDirectory.graph(directory);
    Engine engine = Engine.open(file, device, threads);
    try {
      Graph graph = Graph.of(engine.session(), file);
      int vocabularySize = ModelDescription.vocabularySize(graph, config, file);
      CacheStrategy cache = CacheStrategy.of(engine.environment(), graph);
      if (graph.layers() == 0) {
        log.warn(
            "{} has no inputs past_key_values.N.key: each token computes all before it again. Export"
                + " it with its cache, with OnnxExport or as text-generation-with-past.",
            file);
      }
      ModelInfo info = ModelDescription.of(graph, config, vocabularySize, engine, cache);
      return new OnnxModel(info, cache, new DecoderRun(engine, graph, cache, vocabularySize));
    } catch (OrtException e) {
      engine.close();
      throw new IOException(file + ": ONNX Runtime cannot describe this graph", e);
    } catch (IOException | RuntimeException e) {
      engine.close();
      throw e;
    }
  }

  @Override
  public ModelInfo info() {
    return info;
  }

  @Override
  public Session open() {
    requireOpen();
    try {
      return new OnnxSession(this, cache.empty());
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot make an empty past", e);
    }
  }

  @Override
  public void forward(List<Append> batch, Cancellation cancellation) {
    requireNonNull(cancellation, "cancellation");
    passes.readLock().lock();
    try {
      requireOpen();
      BatchCheck.check(batch, this);
      List<Past> nexts = new ArrayList<>(batch.size());
      try {
        for (Append append : batch) {
          nexts.add(next(append, cancellation));
        }
      } catch (RuntimeException | Error e) {
        nexts.forEach(Past::release);
        throw e;
      }
      for (int i = 0; i < nexts.size(); i++) {
        ((OnnxSession) batch.get(i).session()).replace(nexts.get(i));
      }
    } finally {
      passes.readLock().unlock();
    }
  }

  private Past next(Append append, Cancellation cancellation) {
    Past past = ((OnnxSession) append.session()).hold();
    try {
      return run.append(past, append.tokens(), append.logits(), cancellation);
    } finally {
      past.release();
    }
  }

  /** The first tokens of a past, held once by the caller. */
  Past truncate(Past past, int length) throws OrtException {
    return length == 0 ? cache.empty() : cache.truncate(past, length);
  }

  void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the model is closed");
    }
  }

  @Override
  public void close() {
    passes.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        run.close();
      }
    } finally {
      passes.writeLock().unlock();
    }
  }
}
