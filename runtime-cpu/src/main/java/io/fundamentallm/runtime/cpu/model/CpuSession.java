package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import java.util.ArrayList;
import java.util.List;

/** A sequence and its blocks of keys and values. */
final class CpuSession implements Session {
  private final CpuLanguageModel model;
  private final KvCache cache;
  private final List<KvBlock> blocks;
  private int length;
  private boolean closed;

  /** Bytes counted besides those of the blocks. */
  private long reserved;

  /** The pass that last took this session; finds a session that is in a batch twice. */
  long pass;

  CpuSession(CpuLanguageModel model, KvCache cache) {
    this(model, cache, new ArrayList<>(), 0);
  }

  private CpuSession(CpuLanguageModel model, KvCache cache, List<KvBlock> blocks, int length) {
    this.model = model;
    this.cache = cache;
    this.blocks = blocks;
    this.length = length;
  }

  @Override
  public LanguageModel model() {
    return model;
  }

  @Override
  public int length() {
    requireOpen();
    return length;
  }

  @Override
  public CpuSession fork() {
    requireOpen();
    CpuSession fork = new CpuSession(model, cache, new ArrayList<>(blocks), length);
    blocks.forEach(KvBlock::share); // once nothing can fail any more
    return fork;
  }

  @Override
  public void truncate(int length) {
    requireOpen();
    if (length < 0 || length > this.length) {
      throw new IllegalArgumentException(
          "cannot truncate to " + length + ": the session holds " + this.length + " tokens");
    }
    this.length = length;
    trim();
  }

  @Override
  public void reserve(long bytes) {
    requireOpen();
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes " + bytes + " is not at least 0");
    }
    cache.reserve(bytes - reserved);
    reserved = bytes;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      length = 0;
      trim();
      cache.reserve(-reserved);
      reserved = 0;
    }
  }

  void requireOpen() {
    model.requireOpen();
    if (closed) {
      throw new IllegalStateException("the session is closed");
    }
  }

  boolean belongsTo(CpuLanguageModel other) {
    return model == other;
  }

  /**
   * Allocates blocks for the next tokens; the length stays the same. Called under the model's lock.
   */
  void makeRoom(int tokens) {
    int end = length + tokens;
    for (int at = length; at < end; ) {
      int index = at / KvBlock.POSITIONS;
      int within = at % KvBlock.POSITIONS;
      if (index == blocks.size()) {
        blocks.add(cache.acquire());
      } else if (!blocks.get(index).writableFrom(within)) {
        KvBlock own = cache.acquire();
        KvBlock shared = blocks.set(index, own);
        own.copy(shared, within);
        cache.release(shared);
      }
      at = Math.min(end, (index + 1) * KvBlock.POSITIONS);
      blocks.get(index).written = (at - 1) % KvBlock.POSITIONS + 1;
    }
  }

  /** Counts tokens that room was made for as present. */
  void commit(int tokens) {
    length += tokens;
  }

  /** Gives back room that was made but not committed. */
  void trim() {
    int kept = (length + KvBlock.POSITIONS - 1) / KvBlock.POSITIONS;
    while (blocks.size() > kept) {
      cache.release(blocks.remove(blocks.size() - 1));
    }
  }

  KvBlock block(int index) {
    return blocks.get(index);
  }
}
