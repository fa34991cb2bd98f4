package io.fundamentallm.runtime.cpu.kernels;

import io.fundamentallm.runtime.cpu.kernels.attention.AttentionKernels;
import io.fundamentallm.runtime.cpu.kernels.elementwise.ElementwiseKernels;
import io.fundamentallm.runtime.cpu.kernels.norm.NormKernels;
import io.fundamentallm.runtime.cpu.kernels.product.Precision;
import io.fundamentallm.runtime.cpu.kernels.product.ProductKernels;
import io.fundamentallm.runtime.cpu.kernels.update.UpdateKernels;
import org.jspecify.annotations.Nullable;

/**
 * The numeric inner loops of the runtime, on {@code float} arrays, in five families. Each family is
 * an interface with a scalar and a vector implementation beside it.
 *
 * <p><b>Arguments.</b> An operand is an array and the index of its first element ({@code …At}); a
 * matrix also has a leading dimension ({@code ld…}), the distance between two of its rows. So every
 * kernel can work on a sub-range, and a caller can split work over threads by rows or by columns. A
 * kernel that needs several matrices takes them as one object, which its caller reuses. Sizes may
 * be zero. An index outside an array is an {@link IndexOutOfBoundsException}; operands may not
 * overlap unless a method says so.
 *
 * <p><b>Same bits everywhere.</b> The result of every kernel is a fixed function of its operands.
 * It does not depend on the width of the SIMD registers, on the JDK, on the implementation, or on
 * how rows and columns are split into calls:
 *
 * <ul>
 *   <li>in a product, each element is one chain of fused multiply-adds over ascending k;
 *   <li>a sum along a row has sixteen partial sums, element {@code i} going to sum {@code i mod
 *       16}, folded 8, 4, 2, 1; the elements beyond the last multiple of sixteen follow one by one;
 *   <li>a sum over rows takes the rows in ascending order;
 *   <li>{@code exp} is one polynomial, see {@link
 *       io.fundamentallm.runtime.cpu.kernels.math.Exponential}.
 * </ul>
 *
 * <p><b>Threads.</b> Implementations are stateless and safe for any number of threads. Some kernels
 * take scratch memory, which no other thread may use during the call.
 *
 * <p>Where oneDNN computes large products, see {@link
 * io.fundamentallm.runtime.cpu.kernels.product.OneDnnProduct}, these have its bits: other than the
 * Java kernels', and other on other processors.
 *
 * @param name {@code scalar} or {@code vector}, with the register width where it matters, after
 *     oneDNN's version and instructions where it is used
 * @param withoutBf16 why large products are not computed in 16 bits; null if they can be
 * @param first kernels with the same bits for the first moments, because these are slow until the
 *     JVM has compiled them; null if there is no need
 */
public record Kernels(
    String name,
    @Nullable String withoutBf16,
    @Nullable Kernels first,
    ProductKernels product,
    NormKernels norm,
    AttentionKernels attention,
    ElementwiseKernels elementwise,
    UpdateKernels update) {

  /**
   * The kernels for this JVM: those on the Vector API where {@code jdk.incubator.vector} is
   * present, else scalar ones; where oneDNN is on the class path and runs, it computes large
   * products. The system property {@code fundamentallm.kernels=scalar|vector|onednn} forces the
   * choice. Which one runs, and why, is logged once. Where nothing is forced, those on the Vector
   * API know scalar ones to {@linkplain #first begin} with.
   *
   * @throws IllegalStateException if the property has another value, or asks for the Vector API or
   *     oneDNN where it is absent
   */
  public static Kernels best() {
    return KernelChoice.chosen();
  }

  /**
   * The same with another precision of large products.
   *
   * @throws IllegalStateException if that is BF16 and these have none; says what to do
   */
  public Kernels with(Precision precision) {
    if (precision == Precision.BF16 && withoutBf16 != null) {
      throw new IllegalStateException("precision=bf16 needs oneDNN: " + withoutBf16);
    }
    return new Kernels(
        name, withoutBf16, first, product.with(precision), norm, attention, elementwise, update);
  }
}
