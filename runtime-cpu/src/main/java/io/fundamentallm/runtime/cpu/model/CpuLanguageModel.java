package io.fundamentallm.runtime.cpu.model;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.internal.batching.AppendCheck;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.ClosedModelException;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A transformer in memory. One pass runs at a time, on all threads of the model; each call is
 * checked before it starts, so that a bad append changes nothing.
 */
public final class CpuLanguageModel implements LanguageModel {
  /** Null once closed, so that the weights are freed even if something still holds the model. */
  private @Nullable ForwardPass pass;

  private final Parallel parallel;
  private final ModelInfo info;
  private final KvCache cache;
  private final ReentrantLock passing = new ReentrantLock();
  private long passes;
  private volatile boolean closed;

  private CpuLanguageModel(Parallel parallel, ForwardPass pass, KvCache cache, ModelInfo info) {
    this.parallel = parallel;
    this.pass = pass;
    this.cache = cache;
    this.info = info;
  }

  /**
   * A model of these weights.
   *
   * @param weights read once, in this call
   * @param format of all weights in memory; null for the format that each has in its file
   * @param description what is known about the model; sizes, device and precision are filled in
   * @param kernels for the passes
   * @param parallel runs the passes; closed with the model
   * @param cacheFormat how keys and values are held
   * @param cacheBudget bytes that the keys and values of all sessions may take; if empty, three
   *     quarters of the heap left over by the weights
   * @throws IOException when a file cannot be read; names file, tensor and offset
   */
  public static CpuLanguageModel load(
      TransformerConfig config,
      ModelWeights weights,
      Matrix.@Nullable Format format,
      ModelInfo.Builder description,
      Kernels kernels,
      Parallel parallel,
      KvCache.Format cacheFormat,
      OptionalLong cacheBudget)
      throws IOException {
    WeightPacker packer = new WeightPacker(format, kernels, parallel);
    long needed = packer.bytes(config, weights);
    HeapRoom.require(needed);
    Transformer transformer;
    try {
      transformer = packer.pack(config, weights);
    } catch (OutOfMemoryError e) {
      throw HeapRoom.tooSmall(needed, e);
    }
    long left = (Runtime.getRuntime().maxMemory() - transformer.bytes()) / 4 * 3;
    KvCache cache = new KvCache(config, cacheFormat, cacheBudget.orElse(left));
    ModelInfo info =
        description
            .shape(config.hiddenSize(), config.layers(), config.heads())
            .device("cpu (" + kernels.name() + ", " + parallel.slots() + " threads)")
            .precision(transformer.precision())
            .capabilities(Capability.SHARED_FORK, Capability.TRUNCATE, Capability.HIDDEN_STATES)
            .build();
    ForwardPass pass = new ForwardPass(transformer, kernels, parallel, cache);
    return new CpuLanguageModel(parallel, pass, cache, info);
  }

  /** The memory of the sessions. */
  public KvCache cache() {
    return cache;
  }

  @Override
  public ModelInfo info() {
    return info;
  }

  @Override
  public Session open() {
    requireOpen();
    return new CpuSession(this, cache);
  }

  @Override
  public void forward(List<Append> batch, Cancellation cancellation) {
    requireNonNull(cancellation, "cancellation");
    acquire(cancellation);
    try {
      ForwardPass open = pass;
      if (open == null) {
        throw closedModel();
      }
      check(batch);
      boolean done = false;
      try {
        for (int i = 0; i < batch.size(); i++) {
          Append append = batch.get(i);
          ((CpuSession) append.session()).makeRoom(append.tokens().length);
        }
        open.forward(batch, cancellation);
        done = true;
      } finally {
        for (int i = 0; i < batch.size(); i++) {
          Append append = batch.get(i);
          CpuSession session = (CpuSession) append.session();
          if (done) {
            session.commit(append.tokens().length);
          } else {
            session.trim();
          }
        }
      }
    } finally {
      passing.unlock();
    }
  }

  /** Waits for the pass under way, but no longer than the caller allows. */
  private void acquire(Cancellation cancellation) {
    cancellation.throwIfCancelled();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          if (passing.tryLock(10, TimeUnit.MILLISECONDS)) {
            return;
          }
          cancellation.throwIfCancelled();
        } catch (InterruptedException e) {
          interrupted = true; // the contract has only cancellation; the caller sees the flag
          Thread.currentThread().interrupt(); // and a cancellation may look at it
          cancellation.throwIfCancelled();
          interrupted |= Thread.interrupted(); // or no lock would wait any more
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void check(List<Append> batch) {
    passes++;
    for (int i = 0; i < batch.size(); i++) {
      Append append = batch.get(i);
      if (!(append.session() instanceof CpuSession session) || !session.belongsTo(this)) {
        throw new IllegalArgumentException(
            "append " + i + ": its session belongs to another model");
      }
      session.requireOpen();
      if (session.pass == passes) {
        throw new IllegalArgumentException("append " + i + ": its session is in the batch twice");
      }
      session.pass = passes;
      AppendCheck.check(append, i, session.length(), info);
    }
  }

  void requireOpen() {
    if (closed) {
      throw closedModel();
    }
  }

  private static ClosedModelException closedModel() {
    return new ClosedModelException("the model is closed");
  }

  @Override
  public void close() {
    passing.lock();
    try {
      if (!closed) {
        closed = true;
        pass = null;
        parallel.close();
      }
    } finally {
      passing.unlock();
    }
  }
}
