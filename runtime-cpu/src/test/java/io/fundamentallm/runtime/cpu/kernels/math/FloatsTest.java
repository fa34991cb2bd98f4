package io.fundamentallm.runtime.cpu.kernels.math;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.VMOption;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class FloatsTest {

  private static final long GIB = 1 << 30;

  @Test
  void half_a_region_grows_with_the_heap_until_it_would_be_a_waste() {
    assertThat(4L * Floats.half(GIB / 2)).isEqualTo(1 << 19);
    assertThat(4L * Floats.half(2 * GIB)).isEqualTo(1 << 19);
    assertThat(4L * Floats.half(2 * GIB + 1)).isEqualTo(1 << 20);
    assertThat(4L * Floats.half(6 * GIB)).isEqualTo(2 << 20);
    assertThat(4L * Floats.half(32 * GIB)).isEqualTo(8 << 20);
    assertThat(Floats.half(33 * GIB)).isZero();
    assertThat(Floats.half(Long.MAX_VALUE)).isZero();
  }

  @Test
  void such_an_array_has_a_region_of_its_own() {
    HotSpotDiagnosticMXBean machine =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    VMOption region = machine.getVMOption("G1HeapRegionSize");
    Assumptions.assumeTrue(Boolean.parseBoolean(machine.getVMOption("UseG1GC").getValue()));
    Assumptions.assumeTrue(region.getOrigin() == VMOption.Origin.ERGONOMIC);
    Assumptions.assumeTrue(Runtime.getRuntime().maxMemory() <= 32 * GIB);
    assertThat(16 + 4L * Floats.aligned(1)).isGreaterThan(Long.parseLong(region.getValue()) / 2);
  }
}
