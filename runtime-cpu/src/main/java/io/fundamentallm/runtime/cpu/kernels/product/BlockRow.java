package io.fundamentallm.runtime.cpu.kernels.product;

/**
 * One row of a matrix in some {@link BlockFormat}, taken apart: how a file's reader hands it to
 * {@link BlockWeights}. A reader fills all of it, row after row. One thread at a time.
 *
 * @param codes one for each column
 * @param small the small integers of each block of 32 columns in the low bits; a first byte or four
 *     bits of scale below the others
 * @param factors 16-bit floats, one for each unit of {@link BlockFormat#unitColumns}
 * @param minima the same of what is subtracted
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record BlockRow(
    BlockFormat format, byte[] codes, short[] small, short[] factors, short[] minima) {

  /** An empty row. */
  public static BlockRow of(BlockFormat format, int columns) {
    int units = (columns + format.unitColumns() - 1) / format.unitColumns();
    return new BlockRow(
        format,
        new byte[columns],
        new short[columns / PackedWeights.BLOCK],
        new short[units],
        new short[units]);
  }
}
