package io.fundamentallm.benchmarks.rotation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class MachineTest {
  @Test
  void a_family_is_the_vendor_and_the_widest_instructions() {
    assertThat(Machine.family("GenuineIntel", "fpu avx2 avx512f amx_tile", "amd64"))
        .isEqualTo("intel-amx");
    assertThat(Machine.family("AuthenticAMD", "fpu avx2 avx512f", "amd64")).isEqualTo("amd-avx512");
    assertThat(Machine.family("AuthenticAMD", "fpu avx2", "amd64")).isEqualTo("amd-avx2");
    assertThat(Machine.family("", "", "aarch64")).isEqualTo("aarch64");
  }
}
