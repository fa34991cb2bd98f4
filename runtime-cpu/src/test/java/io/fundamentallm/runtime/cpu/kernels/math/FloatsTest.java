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
  void regions_grow_with_the_heap_until_halves_would_be_a_waste() {
    assertThat(Floats.region(GIB / 2)).isEqualTo(1 << 20);
    assertThat(Floats.region(2 * GIB)).isEqualTo(1 << 20);
    assertThat(Floats.region(2 * GIB + 1)).isEqualTo(2 << 20);
    assertThat(Floats.region(6 * GIB)).isEqualTo(4 << 20);
    assertThat(Floats.region(16 * GIB)).isEqualTo(8 << 20);
    assertThat(Floats.region(17 * GIB)).isZero();
    assertThat(Floats.region(Long.MAX_VALUE)).isZero();
  }

  @Test
  void such_an_array_has_a_region_of_its_own() {
    HotSpotDiagnosticMXBean machine =
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
    Assumptions.assumeTrue(Boolean.parseBoolean(machine.getVMOption("UseG1GC").getValue()));
    VMOption option = machine.getVMOption("G1HeapRegionSize");
    Assumptions.assumeTrue(option.getOrigin() == VMOption.Origin.ERGONOMIC);
    Assumptions.assumeTrue(Runtime.getRuntime().maxMemory() <= 16 * GIB);
    long region = Long.parseLong(option.getValue());
    assertThat(16 + 4L * Floats.aligned(1)).isGreaterThan(region / 2);
  }
}
