package io.fundamentallm.runtime.gpu.memory;

import ai.onnxruntime.OrtException;
import io.fundamentallm.model.CacheFullException;
import io.fundamentallm.runtime.gpu.graph.GraphSignature;
import java.util.ArrayDeque;
import java.util.Deque;

/** Allocates blocks of rows and keeps some unused ones for later. Guarded by its owner. */
public final class RowBlocks {
  /** The shortest row, unless the context is shorter. */
  private static final int MIN_WIDTH = 256;

  /** Several rows come in multiples of this, so that a sequence that joins later finds room. */
  private static final int ROWS = 4;

  /** The next block is most likely of a size that was used before. */
  private static final int MAX_IDLE = 2;

  private final GraphSignature graph;
  private final Memory memory;
  private final int contextLength;
  private final Deque<RowBlock> idle = new ArrayDeque<>();
  private boolean closed;

  public RowBlocks(GraphSignature graph, Memory memory, int contextLength) {
    this.graph = graph;
    this.memory = memory;
    this.contextLength = contextLength;
  }

  /** A block of free rows, with room for at least this many sequences and tokens. */
  public RowBlock acquire(int sequences, int tokens) throws OrtException {
    int width = width(tokens);
    for (RowBlock block : idle) {
      int rows = block.rows.count();
      if (rows >= sequences
          && rows <= 2 * Math.max(ROWS, sequences)
          && block.rows.width() >= tokens
          && block.rows.width() <= 2 * width) {
        idle.remove(block);
        if (graph.capacity() > 0) {
          block.rows.clear(); // the last text may have left NaNs
        }
        return block;
      }
    }
    int rows = sequences == 1 ? 1 : (sequences + ROWS - 1) / ROWS * ROWS;
    rows = Math.max(sequences, Math.min(rows, memory.maxRows(width)));
    try {
      return allocate(rows, width);
    } catch (CacheFullException e) {
      idle.forEach(RowBlock::free);
      idle.clear();
      // without a reserve, if need be
      return allocate(sequences, graph.capacity() > 0 ? width : tokens);
    }
  }

  private RowBlock allocate(int count, int width) throws OrtException {
    Memory.Rows rows = memory.allocate(count, width);
    try {
      rows.clear();
      return new RowBlock(rows);
    } catch (OrtException | RuntimeException | Error e) {
      rows.free();
      throw e;
    }
  }

  /** Doubles, so that a sequence is copied only a few times. */
  private int width(int tokens) {
    if (graph.capacity() > 0) {
      return graph.capacity();
    }
    int doubled = Math.max(MIN_WIDTH, Integer.highestOneBit(2 * tokens - 1));
    return Math.max(tokens, Math.min(contextLength, doubled));
  }

  /** Takes back a block that is empty. */
  public void release(RowBlock block) {
    idle.addFirst(block);
    if (closed || idle.size() > MAX_IDLE) {
      idle.removeLast().free();
    }
  }

  /** Frees unused blocks now, and the others when they come back. */
  public void close() {
    closed = true;
    idle.forEach(RowBlock::free);
    idle.clear();
  }
}
