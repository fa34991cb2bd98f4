package io.fundamentallm.runtime.gpu;

import static java.util.Objects.requireNonNull;

import ai.onnxruntime.OrtException;
import io.fundamentallm.internal.batching.AppendCheck;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.ClosedModelException;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.gpu.cache.CacheStrategies;
import io.fundamentallm.runtime.gpu.cache.CacheStrategy;
import io.fundamentallm.runtime.gpu.cache.Past;
import io.fundamentallm.runtime.gpu.graph.GraphNames;
import io.fundamentallm.runtime.gpu.graph.GraphReader;
import io.fundamentallm.runtime.gpu.graph.GraphSignature;
import io.fundamentallm.runtime.gpu.graph.ModelConfig;
import io.fundamentallm.runtime.gpu.graph.OnnxDirectory;
import io.fundamentallm.runtime.gpu.memory.DeviceRows;
import io.fundamentallm.runtime.gpu.memory.MemoryBudget;
import io.fundamentallm.runtime.gpu.ort.Engine;
import io.fundamentallm.runtime.gpu.ort.GpuSettings;
import io.fundamentallm.runtime.gpu.ort.JnaJar;
import java.io.IOException;
import java.lang.ref.Cleaner;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A decoder on ONNX Runtime. Passes of several threads run side by side, each on all of ONNX
 * Runtime's threads.
 *
 * @param <P> the pasts of its strategy
 */
final class OnnxModel<P extends Past> implements LanguageModel {
  private static final Logger log = LoggerFactory.getLogger(OnnxModel.class);

  private final ModelInfo info;

  /** Counts the hidden states that are kept for sessions. */
  private final MemoryBudget hiddenStates;

  private final CacheStrategy<P> cache;
  private final DecoderRun<P> run;

  /**
   * Passes take the read lock, close takes the write lock: closing ONNX Runtime's session during a
   * run crashes the JVM.
   */
  private final ReentrantReadWriteLock passes = new ReentrantReadWriteLock();

  /** Whether the memory outside the heap was freed. */
  private final AtomicBoolean freed = new AtomicBoolean();

  /** Frees it if this is forgotten. */
  private final Cleaner.Cleanable forgotten;

  private volatile boolean closed;

  private OnnxModel(
      ModelInfo info, MemoryBudget hiddenStates, CacheStrategy<P> cache, DecoderRun<P> run) {
    this.info = info;
    this.hiddenStates = hiddenStates;
    this.cache = cache;
    this.run = run;
    forgotten = Shared.CLEANER.register(this, freeing(run, passes, freed));
  }

  /** One for all models; its thread starts with the first. */
  private static final class Shared {
    static final Cleaner CLEANER = Cleaner.create();
  }

  /** Must not refer to the model, or it would never be forgotten. */
  private static Runnable freeing(
      DecoderRun<?> run, ReentrantReadWriteLock passes, AtomicBoolean freed) {
    return () -> {
      passes.writeLock().lock(); // the last pass may still run when nobody holds the model
      try {
        // when the JVM ends, ONNX Runtime frees itself, and must not be called
        if (!DecoderRun.isJvmShuttingDown() && freed.compareAndSet(false, true)) {
          run.close();
        }
      } finally {
        passes.writeLock().unlock();
      }
    };
  }

  static OnnxModel<?> load(Path directory, GpuSettings settings) throws IOException {
    return load(directory, settings, OnnxModel::keepsOnDevice);
  }

  /** Whether keys and values can stay in the memory of the device. */
  private static boolean keepsOnDevice(Engine engine) {
    if (engine.cuda().isEmpty()) {
      return false;
    }
    String missing = JnaJar.missing();
    if (missing != null) {
      log.warn(
          "{}: keys and values go to the host and back with each run, which is slow. Add"
              + " net.java.dev.jna:jna 5.17.0 to keep them on the device.",
          missing);
    }
    return missing == null;
  }

  static OnnxModel<?> load(Path directory, GpuSettings settings, Predicate<Engine> onDevice)
      throws IOException {
    ModelConfig config = ModelConfig.read(directory);
    Path file = OnnxDirectory.graph(directory);
    GraphNames names = GraphNames.of(config);
    Engine engine = Engine.open(file, settings);
    CacheStrategy<?> cache = null;
    try {
      GraphSignature graph = GraphReader.read(engine.session(), file, names, config);
      ModelDescription.check(graph, config, file);
      int contextLength = ModelDescription.contextLength(graph, config);
      if (graph.layers() == 0) {
        log.warn(
            "{} has no inputs past_key_values.N.key: each token computes all before it again."
                + " Export it with its cache, with OnnxExport or as text-generation-with-past.",
            file);
      }
      boolean device = onDevice.test(engine);
      MemoryBudget budget = MemoryBudget.ofKeysAndValues(settings);
      cache = CacheStrategies.choose(engine, graph, contextLength, budget, device);
      DeviceRows logits = device ? new DeviceRows(engine, graph.logits()) : null;
      ModelInfo info = ModelDescription.of(graph, config, engine, cache);
      return of(info, MemoryBudget.ofHiddenStates(settings), engine, graph, cache, logits);
    } catch (OrtException e) {
      close(cache, engine);
      throw new IOException(file + ": ONNX Runtime cannot describe this graph", e);
    } catch (IOException | RuntimeException | Error e) {
      close(cache, engine);
      throw e;
    }
  }

  private static <P extends Past> OnnxModel<P> of(
      ModelInfo info,
      MemoryBudget hiddenStates,
      Engine engine,
      GraphSignature graph,
      CacheStrategy<P> cache,
      @Nullable DeviceRows logits) {
    return new OnnxModel<>(
        info, hiddenStates, cache, new DecoderRun<>(engine, graph, cache, logits));
  }

  private static void close(@Nullable CacheStrategy<?> cache, Engine engine) {
    if (cache != null) {
      cache.close();
    }
    engine.close();
  }

  @Override
  public ModelInfo info() {
    return info;
  }

  @Override
  public Session open() {
    requireOpen();
    return new OnnxSession<>(this, cache.empty());
  }

  @Override
  public void forward(List<Append> batch, Cancellation cancellation) {
    requireNonNull(cancellation, "cancellation");
    passes.readLock().lock();
    try {
      requireOpen();
      check(batch);
      List<P> nexts = nexts(batch, cancellation);
      for (int i = 0; i < nexts.size(); i++) {
        own(batch.get(i).session(), i).replace(nexts.get(i));
      }
    } finally {
      passes.readLock().unlock();
    }
  }

  private List<P> nexts(List<Append> batch, Cancellation cancellation) {
    List<P> pasts = new ArrayList<>(batch.size());
    try {
      for (int i = 0; i < batch.size(); i++) {
        pasts.add(own(batch.get(i).session(), i).hold());
      }
      return run.append(batch, pasts, cancellation);
    } finally {
      pasts.forEach(Past::release);
    }
  }

  private void check(List<Append> batch) {
    Set<Session> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    for (int i = 0; i < batch.size(); i++) {
      Append append = batch.get(i);
      OnnxSession<P> session = own(append.session(), i);
      if (!seen.add(session)) {
        throw new IllegalArgumentException("append " + i + ": its session is in the batch twice");
      }
      AppendCheck.check(append, i, session.length(), info);
    }
  }

  /** A session of this model, which therefore has its pasts. */
  @SuppressWarnings("unchecked")
  private OnnxSession<P> own(Session session, int append) {
    if (!(session instanceof OnnxSession<?> own) || own.model() != this) {
      throw new IllegalArgumentException(
          "append " + append + ": its session belongs to another model");
    }
    return (OnnxSession<P>) own;
  }

  /** Counts the hidden states that are kept for sessions. */
  MemoryBudget hiddenStates() {
    return hiddenStates;
  }

  /** The first tokens of a past, held once by the caller. */
  P truncate(P past, int length) {
    return length == 0 ? cache.empty() : cache.truncate(past, length);
  }

  void requireOpen() {
    if (closed) {
      throw new ClosedModelException("the model is closed");
    }
  }

  @Override
  public void close() {
    if (passes.getReadHoldCount() > 0) {
      throw new IllegalStateException(
          "a pass on this thread is under way; close the model after it");
    }
    passes.writeLock().lock();
    try {
      closed = true;
      if (freed.compareAndSet(false, true)) {
        run.close();
      }
      forgotten.clean(); // there is nothing left to do
    } finally {
      passes.writeLock().unlock();
    }
  }
}
