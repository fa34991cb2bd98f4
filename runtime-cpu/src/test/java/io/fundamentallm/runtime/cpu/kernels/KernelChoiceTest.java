package io.fundamentallm.runtime.cpu.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.runtime.cpu.kernels.product.Precision;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class KernelChoiceTest {

  @Test
  void the_vector_api_is_taken_where_its_module_is_present() {
    Assumptions.assumeTrue(KernelChoice.modulePresent());
    assertThat(KernelChoice.choose(null, true).name()).startsWith("vector, ");
  }

  @Test
  void vector_kernels_begin_with_scalar_ones_unless_something_was_asked_for() {
    Assumptions.assumeTrue(KernelChoice.modulePresent());
    Assumptions.assumeTrue(KernelSets.oneDnn().isEmpty());
    Kernels first = KernelChoice.choose("auto", true).first();
    assertThat(first).isNotNull();
    assertThat(first.name()).isEqualTo("scalar");
    assertThat(first.first()).isNull();
    assertThat(KernelChoice.choose("auto", true).with(Precision.F32).first()).isNotNull();
    for (String asked : new String[] {"vector", "scalar"}) {
      assertThat(KernelChoice.choose(asked, true).first()).as(asked).isNull();
    }
    assertThat(KernelChoice.choose("auto", false).first()).isNull();
  }

  @Test
  @Tag("onednn")
  void with_onednn_the_kernels_do_not_change() {
    assertThat(KernelSets.oneDnn()).isNotEmpty().allMatch(kernels -> kernels.first() == null);
    assertThat(KernelChoice.choose("auto", true).first()).isNull();
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
  void onednn_without_its_native_code_leaves_the_java_kernels_unless_it_is_asked_for() {
    Assumptions.assumeTrue(KernelSets.oneDnn().isEmpty());
    Kernels kernels = KernelChoice.choose("auto", false);
    assertThat(kernels.name()).isEqualTo("scalar");
    assertThatThrownBy(() -> kernels.with(Precision.BF16))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("precision=bf16 needs oneDNN: its native code does not load (")
        .hasMessageEndingWith(
            "): add org.bytedeco:dnnl, and org.bytedeco:dnnl, javacpp and opencl with the classifier"
                + " of this platform, such as linux-x86_64");
    assertThatThrownBy(() -> KernelChoice.choose("onednn", false))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("-Dfundamentallm.kernels=onednn needs oneDNN: its native code");
  }

  @Test
  @Tag("onednn")
  void onednn_is_taken_where_it_runs() {
    Assumptions.assumeFalse(KernelSets.oneDnn().isEmpty());
    assertThat(KernelChoice.choose(null, false).name()).matches("oneDNN \\S+ \\S+, scalar");
    assertThat(KernelChoice.choose("onednn", false).name()).matches("oneDNN \\S+ \\S+, scalar");
    Kernels scalar = KernelChoice.choose("scalar", true);
    assertThat(scalar.name()).isEqualTo("scalar");
    assertThatThrownBy(() -> scalar.with(Precision.BF16))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("precision=bf16 needs oneDNN: -Dfundamentallm.kernels=scalar forbids it");
  }

  @Test
  void an_unknown_value_is_refused() {
    assertThatThrownBy(() -> KernelChoice.choose("fast", true))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("-Dfundamentallm.kernels must be auto, scalar, vector or onednn, not 'fast'");
  }

  @Test
  void the_choice_is_made_once() {
    assertThat(Kernels.best()).isSameAs(Kernels.best());
  }
}
