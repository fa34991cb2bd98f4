package io.fundamentallm.runtime.gpu.memory;

import ai.onnxruntime.OrtException;
import io.fundamentallm.model.CacheFullException;
import io.fundamentallm.runtime.gpu.graph.GraphSignature;
import java.util.ArrayDeque;
import java.util.Deque;

/** Allocates blocks of rows, and keeps some of those that are not in use. Guarded by its owner. */
public final class RowBlocks {
  /** Of a row, where the context is not shorter. */
  private static final int LEAST_WIDTH = 256;

  /** Rows come by so many, where there is more than one: who joins later finds room. */
  private static final int ROWS = 4;

  /** The next that is asked for is most likely of a size that there was. */
  private static final int MOST_IDLE = 2;

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

  /** A block in which all rows are free, with room for at least so many sequences and tokens. */
  public RowBlock take(int sequences, int tokens) throws OrtException {
    int width = width(tokens);
    for (RowBlock block : idle) {
      int rows = block.rows.count();
      if (rows >= sequences
          && rows <= 2 * Math.max(ROWS, sequences)
          && block.rows.width() >= tokens
          && block.rows.width() <= 2 * width) {
        idle.remove(block);
        if (graph.capacity() > 0) {
          block.rows.clear(); // of what is no number, if the last text came to that
        }
        return block;
      }
    }
    int rows = sequences == 1 ? 1 : (sequences + ROWS - 1) / ROWS * ROWS;
    rows = Math.max(sequences, Math.min(rows, memory.mostRows(width)));
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

  /** Doubles, so that a sequence is copied a few times in its life. */
  private int width(int tokens) {
    if (graph.capacity() > 0) {
      return graph.capacity();
    }
    int doubled = Math.max(LEAST_WIDTH, Integer.highestOneBit(2 * tokens - 1));
    return Math.max(tokens, Math.min(contextLength, doubled));
  }

  /** Takes back a block that is empty. */
  public void giveBack(RowBlock block) {
    idle.addFirst(block);
    if (closed || idle.size() > MOST_IDLE) {
      idle.removeLast().free();
    }
  }

  /** Frees what is not in use, and from now on all that comes back. */
  public void close() {
    closed = true;
    idle.forEach(RowBlock::free);
    idle.clear();
  }
}
