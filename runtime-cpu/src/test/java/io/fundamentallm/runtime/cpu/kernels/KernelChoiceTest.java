package io.fundamentallm.runtime.cpu.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

class KernelChoiceTest {

  @Test
  void the_vector_api_is_taken_where_its_module_is_present() {
    Assumptions.assumeTrue(KernelChoice.modulePresent());
    assertThat(KernelChoice.choose(null, true).name()).startsWith("vector, ");
  }

  @Test
  void without_the_module_the_scalar_kernels_run() {
    assertThat(KernelChoice.choose(null, false).name()).isEqualTo("scalar");
  }

  @Test
  void the_property_forces_the_scalar_kernels() {
    assertThat(KernelChoice.choose("scalar", true).name()).isEqualTo("scalar");
  }

  @Test
  void vector_kernels_asked_for_without_the_module_name_the_flag() {
    assertThatThrownBy(() -> KernelChoice.choose("vector", false))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "-Dfundamentallm.kernels=vector needs the JVM flag --add-modules jdk.incubator.vector,"
                + " which is missing");
  }

  @Test
  void an_unknown_value_is_refused() {
    assertThatThrownBy(() -> KernelChoice.choose("fast", true))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("-Dfundamentallm.kernels must be scalar or vector, not 'fast'");
  }

  @Test
  void the_choice_is_made_once() {
    assertThat(Kernels.best()).isSameAs(Kernels.best());
  }
}
