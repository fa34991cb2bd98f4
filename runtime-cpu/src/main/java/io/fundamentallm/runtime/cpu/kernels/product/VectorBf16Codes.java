package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.INTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;
import static io.fundamentallm.runtime.cpu.kernels.product.Bf16Kernels.PAIRS;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.BLOCK;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.HALF;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.PANEL;
import static io.fundamentallm.runtime.cpu.kernels.product.ScalarBlocks.MINIMA;
import static io.fundamentallm.runtime.cpu.kernels.product.ScalarBlocks.SCALES;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link Bf16Kernels#panel} of weights of 8 and 4 bits, from words to pairs in one step: 0.06 to
 * 0.08 ns a weight on one core of Granite Rapids, a third of what it took by way of floats in
 * scratch, whose rows advance with those of the pairs, so that reads wait for writes 4 KiB apart.
 *
 * <p>On Emerald Rapids it takes 0.07 ns from the cache and 0.15 from memory, where half of the time
 * it waits for words. Operations are few: a byte stays where it is in a word, as an integer it is a
 * multiple of 2²⁴, and its scale is multiplied by 2⁻²⁴, which gives the same bits. Four bits are
 * scaled and moved by one multiply-add, and halves are rounded away from zero by one addition. As
 * it stores more than it reads, lines are not prefetched, see {@code Prefetch}.
 */
final class VectorBf16Codes {

  private static final int UPPER = 0xFFFF0000;

  /** The highest byte of a word. */
  private static final int HIGHEST = 0xFF000000;

  /** What is added before the lower half of a float is cut off. */
  private static final int ROUNDER = 0x8000;

  /** From a scale in scratch to what a number of zero stands for. */
  private static final int STARTS = MINIMA - SCALES;

  private VectorBf16Codes() {}

  /** Whether the numbers of a format are bytes or lie four in half a word. */
  static boolean takes(BlockFormat format) {
    return switch (format) {
      case Q8_0, Q4_0, Q4_1, Q4_K -> true;
      default -> false;
    };
  }

  static void int8(
      Int8Weights w, int panel, int first, int count, float[] scratch, int[] into, int to) {
    for (int block = first; block < first + count; block++) {
      int from = w.blockAt(panel) + block * Int8Weights.STRIDE;
      int at = to + (block - first) * (BLOCK / 2) * PAIRS;
      for (int lane = 0; lane < PANEL; lane += VL) {
        IntVector.fromArray(INTS, w.words, from + lane)
            .reinterpretAsFloats()
            .intoArray(scratch, SCALES + lane);
      }
      for (int lane = 0; lane < HALF; lane += VL) {
        bytes(w.words, from + Int8Weights.CODES + lane, scratch, SCALES + lane, into, at + lane);
      }
    }
  }

  static void int4(
      Int4Weights w, int panel, int first, int count, float[] scratch, int[] into, int to) {
    int step = w.wordStep(panel);
    for (int block = first; block < first + count; block++) {
      int from = w.wordsAt(panel) + block * w.step(panel);
      int scales = w.scalesAt(panel) + block * w.step(panel);
      int at = to + (block - first) * (BLOCK / 2) * PAIRS;
      for (int lane = 0; lane < PANEL; lane += VL) {
        IntVector both = IntVector.fromArray(INTS, w.words, scales + lane);
        FloatVector scale =
            both.lanewise(VectorOperators.LSHR, 1).and(Int4Weights.HELD).reinterpretAsFloats();
        scale.intoArray(scratch, SCALES + lane);
        both.and(Int4Weights.ZERO_BITS)
            .or(Int4Weights.ZERO_FLOAT)
            .reinterpretAsFloats()
            .sub(Int4Weights.ZERO_START)
            .add(8f)
            .neg()
            .mul(scale)
            .intoArray(scratch, MINIMA + lane);
      }
      for (int lane = 0; lane < HALF; lane += VL) {
        fours(w.words, from + lane, step, scratch, SCALES + lane, into, at + lane);
      }
    }
  }

  static void blocks(
      BlockWeights w, int panel, int first, int count, float[] scratch, int[] into, int to) {
    VectorBlockScales.unpack(w, panel, first, count, scratch, SCALES);
    if (w.format() != BlockFormat.Q8_0) {
      starts(w.format(), count, scratch);
    }
    for (int i = 0; i < count; i++) {
      int from = w.lowsAt(panel, first + i);
      int scales = SCALES + i * PANEL;
      int at = to + i * (BLOCK / 2) * PAIRS;
      for (int lane = 0; lane < HALF; lane += VL) {
        if (w.format() == BlockFormat.Q8_0) {
          bytes(w.words, from + lane, scratch, scales + lane, into, at + lane);
        } else {
          fours(w.words, from + lane, HALF, scratch, scales + lane, into, at + lane);
        }
      }
    }
  }

  /** Replaces the minima by what a number of zero stands for. */
  private static void starts(BlockFormat format, int count, float[] scratch) {
    for (int i = 0; i < count * PANEL; i += VL) {
      FloatVector start =
          format.scales.minimum
              ? FloatVector.fromArray(SPECIES, scratch, MINIMA + i).neg()
              : FloatVector.fromArray(SPECIES, scratch, SCALES + i).mul(-format.center);
      start.intoArray(scratch, MINIMA + i);
    }
  }

  // Large enough for C2 to compile each by itself: within what calls them it would run out of
  // nodes.

  /** A block: each word has two columns of a row of either half. */
  private static void bytes(
      int[] words, int from, float[] scratch, int scales, int[] into, int to) {
    FloatVector low = FloatVector.fromArray(SPECIES, scratch, scales).mul(0x1p-24f);
    FloatVector high = FloatVector.fromArray(SPECIES, scratch, scales + HALF).mul(0x1p-24f);
    for (int k = 0; k < BLOCK / 2; k += 2) {
      int at = from + k * HALF;
      int out = to + k * PAIRS;
      IntVector v =
          IntVector.fromArray(INTS, words, at).lanewise(VectorOperators.XOR, VectorInt8.BIAS);
      IntVector first =
          ((FloatVector) v.lanewise(VectorOperators.LSHL, 24).convert(VectorOperators.I2F, 0))
              .mul(low)
              .reinterpretAsInts()
              .add(ROUNDER)
              .lanewise(VectorOperators.LSHR, 16);
      ((FloatVector)
              v.lanewise(VectorOperators.LSHL, 16).and(HIGHEST).convert(VectorOperators.I2F, 0))
          .mul(low)
          .reinterpretAsInts()
          .add(ROUNDER)
          .and(UPPER)
          .or(first)
          .intoArray(into, out);
      first =
          ((FloatVector)
                  v.lanewise(VectorOperators.LSHL, 8).and(HIGHEST).convert(VectorOperators.I2F, 0))
              .mul(high)
              .reinterpretAsInts()
              .add(ROUNDER)
              .lanewise(VectorOperators.LSHR, 16);
      ((FloatVector) v.and(HIGHEST).convert(VectorOperators.I2F, 0))
          .mul(high)
          .reinterpretAsInts()
          .add(ROUNDER)
          .and(UPPER)
          .or(first)
          .intoArray(into, out + HALF);
      v =
          IntVector.fromArray(INTS, words, at + HALF)
              .lanewise(VectorOperators.XOR, VectorInt8.BIAS);
      first =
          ((FloatVector) v.lanewise(VectorOperators.LSHL, 24).convert(VectorOperators.I2F, 0))
              .mul(low)
              .reinterpretAsInts()
              .add(ROUNDER)
              .lanewise(VectorOperators.LSHR, 16);
      ((FloatVector)
              v.lanewise(VectorOperators.LSHL, 16).and(HIGHEST).convert(VectorOperators.I2F, 0))
          .mul(low)
          .reinterpretAsInts()
          .add(ROUNDER)
          .and(UPPER)
          .or(first)
          .intoArray(into, out + PAIRS);
      first =
          ((FloatVector)
                  v.lanewise(VectorOperators.LSHL, 8).and(HIGHEST).convert(VectorOperators.I2F, 0))
              .mul(high)
              .reinterpretAsInts()
              .add(ROUNDER)
              .lanewise(VectorOperators.LSHR, 16);
      ((FloatVector) v.and(HIGHEST).convert(VectorOperators.I2F, 0))
          .mul(high)
          .reinterpretAsInts()
          .add(ROUNDER)
          .and(UPPER)
          .or(first)
          .intoArray(into, out + PAIRS + HALF);
    }
  }

  /** A block: each word has four columns of a row of either half. */
  private static void fours(
      int[] words, int from, int step, float[] scratch, int scales, int[] into, int to) {
    FloatVector low = FloatVector.fromArray(SPECIES, scratch, scales);
    FloatVector high = FloatVector.fromArray(SPECIES, scratch, scales + HALF);
    FloatVector lowStart = FloatVector.fromArray(SPECIES, scratch, scales + STARTS);
    FloatVector highStart = FloatVector.fromArray(SPECIES, scratch, scales + STARTS + HALF);
    for (int k = 0; k < BLOCK / 4; k++) {
      int out = to + 2 * k * PAIRS;
      IntVector v = IntVector.fromArray(INTS, words, from + k * step);
      IntVector first =
          ((FloatVector) v.and(15).convert(VectorOperators.I2F, 0))
              .fma(low, lowStart)
              .reinterpretAsInts()
              .add(ROUNDER)
              .lanewise(VectorOperators.LSHR, 16);
      ((FloatVector) v.lanewise(VectorOperators.LSHR, 4).and(15).convert(VectorOperators.I2F, 0))
          .fma(low, lowStart)
          .reinterpretAsInts()
          .add(ROUNDER)
          .and(UPPER)
          .or(first)
          .intoArray(into, out);
      first =
          ((FloatVector)
                  v.lanewise(VectorOperators.LSHR, 8).and(15).convert(VectorOperators.I2F, 0))
              .fma(low, lowStart)
              .reinterpretAsInts()
              .add(ROUNDER)
              .lanewise(VectorOperators.LSHR, 16);
      ((FloatVector) v.lanewise(VectorOperators.LSHR, 12).and(15).convert(VectorOperators.I2F, 0))
          .fma(low, lowStart)
          .reinterpretAsInts()
          .add(ROUNDER)
          .and(UPPER)
          .or(first)
          .intoArray(into, out + PAIRS);
      first =
          ((FloatVector)
                  v.lanewise(VectorOperators.LSHR, 16).and(15).convert(VectorOperators.I2F, 0))
              .fma(high, highStart)
              .reinterpretAsInts()
              .add(ROUNDER)
              .lanewise(VectorOperators.LSHR, 16);
      ((FloatVector) v.lanewise(VectorOperators.LSHR, 20).and(15).convert(VectorOperators.I2F, 0))
          .fma(high, highStart)
          .reinterpretAsInts()
          .add(ROUNDER)
          .and(UPPER)
          .or(first)
          .intoArray(into, out + HALF);
      first =
          ((FloatVector)
                  v.lanewise(VectorOperators.LSHR, 24).and(15).convert(VectorOperators.I2F, 0))
              .fma(high, highStart)
              .reinterpretAsInts()
              .add(ROUNDER)
              .lanewise(VectorOperators.LSHR, 16);
      ((FloatVector) v.lanewise(VectorOperators.LSHR, 28).convert(VectorOperators.I2F, 0))
          .fma(high, highStart)
          .reinterpretAsInts()
          .add(ROUNDER)
          .and(UPPER)
          .or(first)
          .intoArray(into, out + PAIRS + HALF);
    }
  }
}
