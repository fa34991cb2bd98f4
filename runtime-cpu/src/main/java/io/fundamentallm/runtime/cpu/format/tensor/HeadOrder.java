package io.fundamentallm.runtime.cpu.format.tensor;

/** The order in which a file keeps the rows of queries, keys and values. */
public enum HeadOrder {
  /** Head by head, channel by channel. */
  PLAIN {
    @Override
    int stored(int row, int heads, int headSize) {
      return row;
    }
  },

  /** GPT-NeoX: queries, keys and values of the first head, then those of the next. */
  TOGETHER {
    @Override
    int stored(int row, int heads, int headSize) {
      int part = row / (heads * headSize);
      int head = row / headSize % heads;
      return (head * 3 + part) * headSize + row % headSize;
    }
  },

  /**
   * Llama in GGUF: the two channels of a head that are rotated together are neighbours. Here the
   * second is half a head after the first.
   */
  PAIRS {
    @Override
    int stored(int row, int heads, int headSize) {
      int channel = row % headSize;
      int half = headSize / 2;
      return row - channel + 2 * (channel % half) + channel / half;
    }
  };

  /**
   * The row of the file that holds a row.
   *
   * @param row of queries or keys alone, or of all three if they are in one tensor
   */
  abstract int stored(int row, int heads, int headSize);

  /** Puts a bias in order. */
  public float[] order(float[] stored, int heads, int headSize) {
    float[] ordered = new float[stored.length];
    for (int row = 0; row < ordered.length; row++) {
      ordered[row] = stored[stored(row, heads, headSize)];
    }
    return ordered;
  }
}
