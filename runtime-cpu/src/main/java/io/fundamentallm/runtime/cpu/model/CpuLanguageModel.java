package io.fundamentallm.runtime.cpu.model;

import static java.nio.charset.StandardCharsets.UTF_8;
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
import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.product.Product;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A transformer in memory. One pass runs at a time, on all threads of the model; each call is
 * checked before it starts, so that a bad append changes nothing.
 */
public final class CpuLanguageModel implements LanguageModel {
  /** Tokens whose logits identify a model. */
  private static final int PROBES = 16;

  private static final int MAX_NAME = 1000;

  /** Null once closed, so that the weights are freed even if something still holds the model. */
  private @Nullable ColdStart pass;

  private final Parallel parallel;
  private final ModelInfo info;
  private final KvCache cache;

  /** Identifies windows and rotations, which a few tokens do not tell apart. */
  private final long positions;

  private final ReentrantLock passing = new ReentrantLock();
  private long passes;

  /** Made when a session is first saved or restored. */
  private volatile @Nullable String fingerprint;

  private volatile boolean closed;

  private CpuLanguageModel(
      Parallel parallel, ColdStart pass, KvCache cache, ModelInfo info, TransformerConfig config) {
    this.parallel = parallel;
    this.pass = pass;
    this.cache = cache;
    this.info = info;
    positions = checksum(config.positions().toString().getBytes(UTF_8));
  }

  /**
   * A model of these weights.
   *
   * @param weights read once, in this call
   * @param format of all weights in memory; null to keep each as it is in its file
   * @param description what is known about the model; sizes, device and precision are filled in
   * @param kernels for the passes
   * @param parallel runs the passes; closed with the model
   * @param cacheFormat how keys and values are held
   * @param cacheBudget bytes that the keys and values of all sessions may take; if empty, three
   *     quarters of the heap left over by the weights, which all models of the process share
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
    HeapRoom heap = packer.room(config, weights);
    heap.require();
    Transformer transformer;
    try {
      transformer = packer.pack(config, weights);
    } catch (OutOfMemoryError e) {
      throw heap.tooSmall(e);
    }
    // of the first pass and the lasting one
    long scratch = 4L * parallel.slots() * Float.BYTES * Floats.aligned(Product.SCRATCH);
    KvCache cache = new KvCache(config, cacheFormat, cacheBudget, HeapShare.ofProcess());
    HeapShare.ofProcess().enter(cache, transformer.bytes(), scratch);
    ModelInfo info =
        description
            .shape(config.hiddenSize(), config.layers(), config.heads())
            .device("cpu (" + kernels.name() + ", " + parallel.slots() + " threads)")
            .precision(transformer.precision())
            .capabilities(
                Capability.SHARED_FORK,
                Capability.TRUNCATE,
                Capability.SAVE,
                Capability.RECLAIM,
                Capability.HIDDEN_STATES)
            .build();
    ForwardPass lasting = new ForwardPass(transformer, kernels, parallel, cache);
    Kernels first = kernels.first();
    if (first == null || !ColdStart.pays(transformer, info.parameters())) {
      ColdStart pass = new ColdStart(null, lasting, info.parameters());
      return new CpuLanguageModel(parallel, pass, cache, info, config);
    }
    ForwardPass begin = new ForwardPass(transformer, first, parallel, cache);
    ColdStart pass = new ColdStart(begin, lasting, info.parameters());
    CpuLanguageModel model = new CpuLanguageModel(parallel, pass, cache, info, config);
    KvCache own = new KvCache(config, cacheFormat, Long.MAX_VALUE);
    new WarmUp(pass, transformer, first, kernels, model, own).begin();
    return model;
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
  public Session restore(Path file, String tokenizer) throws IOException {
    requireOpen();
    SessionFile form = file(tokenizer);
    CpuSession session = new CpuSession(this, cache);
    form.read(file, session);
    return session;
  }

  @Override
  public Runnable onCacheFull(BooleanSupplier reclaim) {
    return cache.onFull(reclaim);
  }

  /** The form of saved sessions. */
  SessionFile file(String tokenizer) {
    if (tokenizer.length() > MAX_NAME) {
      throw new IllegalArgumentException(
          "what identifies the tokenizer has "
              + tokenizer.length()
              + " characters, more than "
              + MAX_NAME);
    }
    BlockBytes form = cache.blockBytes();
    String owner = ownFingerprint() + ", " + form.layout() + ", tokenizer " + tokenizer;
    return new SessionFile(form, owner);
  }

  /**
   * Identifies the model by its shape, by how it tells positions apart, and by the logits that it
   * computes from a few tokens, spread over the vocabulary: every matrix takes part in them.
   */
  private String ownFingerprint() {
    String known = fingerprint;
    if (known != null) {
      return known;
    }
    int vocabulary = info.vocabularySize();
    int[] tokens = new int[Math.min(PROBES, info.contextLength())];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = (int) ((long) i * vocabulary / tokens.length);
    }
    float[] logits = new float[vocabulary];
    try (Session session = open()) {
      session.append(tokens, logits);
    }
    ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * vocabulary);
    bytes.asFloatBuffer().put(logits);
    known =
        info.architecture()
            + " of "
            + info.parameters()
            + " parameters in "
            + info.precision()
            + ", "
            + Long.toHexString(checksum(bytes.array()))
            + ", context "
            + info.contextLength()
            + ", positions "
            + Long.toHexString(positions);
    fingerprint = known;
    return known;
  }

  private static long checksum(byte[] bytes) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes);
    return checksum.getValue();
  }

  @Override
  public void forward(List<Append> batch, Cancellation cancellation) {
    requireNonNull(cancellation, "cancellation");
    acquire(cancellation);
    try {
      ColdStart open = pass;
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
            session.commit(append.tokens());
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
        if (pass != null) {
          pass.close();
        }
        pass = null;
        cache.close();
        parallel.close();
      }
    } finally {
      passing.unlock();
    }
  }
}
