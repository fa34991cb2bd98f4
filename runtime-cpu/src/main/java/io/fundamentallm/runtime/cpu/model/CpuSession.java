package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A sequence and its blocks of keys and values. */
final class CpuSession implements Session {
  private final CpuLanguageModel model;
  private final KvCache cache;
  private final List<KvBlock> blocks;
  private int length;

  // LongRoPE rotates the keys of a sequence anew when it becomes longer than the trained context,
  // or short again: then its tokens are read again.
  private final int switchesAt;
  private int[] past = {};
  private Keys keys = Keys.SHORT;
  private final int[] from = new int[2]; // positions that the next pass computes: shorter, longer
  private final int[] to = new int[2];
  private boolean closed;

  /** Bytes counted besides those of the blocks. */
  private long reserved;

  /** The pass that last took this session; finds a session that is in a batch twice. */
  long pass;

  /** For which sequences the keys in the blocks were rotated. */
  private enum Keys {
    SHORT,
    LONG,
    UNKNOWN
  }

  CpuSession(CpuLanguageModel model, KvCache cache) {
    this(model, cache, new ArrayList<>(), 0);
  }

  private CpuSession(CpuLanguageModel model, KvCache cache, List<KvBlock> blocks, int length) {
    switchesAt = cache.switchesAt();
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
    fork.past = past.clone();
    fork.keys = keys;
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
  public long bytes() {
    return blocks.size() * cache.bytesOfBlock();
  }

  @Override
  public long shareBeginning(Session other, int length) {
    requireOpen();
    if (!(other instanceof CpuSession source)
        || source.model != model
        || source == this
        || source.keys != keys) {
      return 0;
    }
    int common = Math.min(length, Math.min(this.length, source.length)) / KvBlock.POSITIONS;
    for (int i = 0; i < common; i++) {
      KvBlock theirs = source.blocks.get(i);
      KvBlock own = blocks.get(i);
      if (own != theirs) {
        theirs.share();
        blocks.set(i, theirs);
        cache.release(own);
      }
    }
    return common * cache.bytesOfBlock();
  }

  @Override
  public void save(Path file, String tokenizer) throws IOException {
    requireOpen();
    model.file(tokenizer).write(file, this);
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
   * Allocates blocks for the next tokens, and for those that must be read again; the length stays
   * the same. Called under the model's lock.
   */
  void makeRoom(int tokens) {
    int end = length + tokens;
    from[0] = length;
    to[0] = Math.min(end, Math.max(length, switchesAt));
    from[1] = to[0];
    to[1] = end;
    boolean crosses = from[0] < to[0] && from[1] < to[1];
    if (from[0] < to[0] && keys != Keys.SHORT) {
      from[0] = 0;
    }
    if (from[1] < to[1] && (crosses || keys != Keys.LONG)) {
      from[1] = 0;
    }
    if (length > 0 && (from[0] == 0 || from[1] == 0 && from[1] < to[1])) {
      keys = Keys.UNKNOWN; // until the pass is done
      for (int i = 0; i < blocks.size(); i++) {
        if (!blocks.get(i).writableFrom(0)) {
          own(i, KvBlock.POSITIONS);
        }
      }
    }
    for (int at = length; at < end; ) {
      int index = at / KvBlock.POSITIONS;
      int within = at % KvBlock.POSITIONS;
      if (index == blocks.size()) {
        blocks.add(cache.acquire());
      } else if (!blocks.get(index).writableFrom(within)) {
        own(index, within);
      }
      at = Math.min(end, (index + 1) * KvBlock.POSITIONS);
      blocks.get(index).written = (at - 1) % KvBlock.POSITIONS + 1;
    }
  }

  /** Replaces a block that others share by a copy. */
  private void own(int index, int positions) {
    KvBlock own = cache.acquire();
    KvBlock shared = blocks.set(index, own);
    own.copy(shared, positions);
    cache.release(shared);
  }

  /** The first position to compute, of a sequence within the trained context or beyond. */
  int firstPosition(boolean longer) {
    return from[longer ? 1 : 0];
  }

  /** The first position whose results are for the caller; those before are only read again. */
  int firstNew(boolean longer) {
    return longer ? to[0] : length;
  }

  /** The end of the positions to compute. */
  int endPosition(boolean longer) {
    return to[longer ? 1 : 0];
  }

  /** A token that must be read again. */
  int pastToken(int position) {
    return past[position];
  }

  /** Counts tokens that room was made for as present. */
  void commit(int[] tokens) {
    if (switchesAt < Integer.MAX_VALUE && tokens.length > 0) {
      int end = length + tokens.length;
      if (past.length < end) {
        past = Arrays.copyOf(past, Math.max(end, 2 * past.length));
      }
      System.arraycopy(tokens, 0, past, length, tokens.length);
      keys = end > switchesAt ? Keys.LONG : Keys.SHORT;
    }
    length += tokens.length;
  }

  /** The tokens, where a pass may have to read them again; else none. */
  int[] tokens() {
    return switchesAt < Integer.MAX_VALUE ? Arrays.copyOf(past, length) : new int[0];
  }

  /** For which sequences the keys in the blocks were rotated, as a number for a file. */
  int rotation() {
    return keys.ordinal();
  }

  /**
   * Counts all for which room was made as present, as another session had them.
   *
   * @return false if there cannot be such a session; then nothing has changed
   */
  boolean restore(int tokens, int[] read, int rotation) {
    boolean switches = switchesAt < Integer.MAX_VALUE;
    int rotations = switches ? Keys.values().length : 1;
    if (read.length != (switches ? tokens : 0) || rotation < 0 || rotation >= rotations) {
      return false;
    }
    past = read;
    keys = Keys.values()[rotation];
    length = tokens;
    return true;
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
