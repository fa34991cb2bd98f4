package io.fundamentallm.runtime.cpu.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.runtime.cpu.kernels.product.Precision;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class KernelChoiceTest {
  private static final String JVM = "mixed mode, sharing";

  @Test
  void the_vector_api_is_taken_where_its_module_is_present() {
    Assumptions.assumeTrue(KernelChoice.modulePresent());
    assertThat(KernelChoice.choose(null, true, JVM).name()).startsWith("vector, ");
  }

  @Test
  void vector_kernels_begin_with_scalar_ones_unless_something_was_asked_for() {
    Assumptions.assumeTrue(KernelChoice.modulePresent());
    Assumptions.assumeTrue(KernelSets.oneDnn().isEmpty());
    Kernels first = KernelChoice.choose("auto", true, JVM).first();
    assertThat(first).isNotNull();
    assertThat(first.name()).isEqualTo("scalar");
    assertThat(first.first()).isNull();
    assertThat(KernelChoice.choose("auto", true, JVM).with(Precision.F32).first()).isNotNull();
    for (String asked : new String[] {"vector", "scalar"}) {
      assertThat(KernelChoice.choose(asked, true, JVM).first()).as(asked).isNull();
    }
    assertThat(KernelChoice.choose("auto", false, JVM).first()).isNull();
  }

  @Test
  @Tag("onednn")
  void with_onednn_the_kernels_do_not_change() {
    Assumptions.assumeFalse(KernelSets.oneDnn().isEmpty());
    assertThat(KernelSets.oneDnn()).allMatch(kernels -> kernels.first() == null);
    assertThat(KernelChoice.choose("auto", true, JVM).first()).isNull();
  }

  @Test
  void without_the_module_the_scalar_kernels_run() {
    assertThat(KernelChoice.choose(null, false, JVM).name()).isEqualTo("scalar");
  }

  @Test
  void a_jvm_without_c2_runs_the_scalar_kernels_unless_others_are_asked_for() {
    Assumptions.assumeTrue(KernelChoice.modulePresent());
    for (String jvm : List.of("mixed mode, emulated-client, sharing", "interpreted mode")) {
      Kernels kernels = KernelChoice.choose("auto", true, jvm);
      assertThat(kernels.name()).doesNotContain("vector");
      assertThat(kernels.first()).isNull();
      assertThat(KernelChoice.choose("vector", true, jvm).name()).startsWith("vector, ");
    }
  }

  @Test
  void the_property_forces_the_scalar_kernels() {
    assertThat(KernelChoice.choose("scalar", true, JVM).name()).isEqualTo("scalar");
  }

  @Test
  void vector_kernels_asked_for_without_the_module_name_the_flag() {
    assertThatThrownBy(() -> KernelChoice.choose("vector", false, JVM))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage(
            "-Dfundamentallm.kernels=vector needs the JVM flag --add-modules jdk.incubator.vector,"
                + " which is missing");
  }

  @Test
  void onednn_without_its_native_code_leaves_the_java_kernels_unless_it_is_asked_for() {
    Assumptions.assumeTrue(KernelSets.oneDnn().isEmpty());
    Kernels kernels = KernelChoice.choose("auto", false, JVM);
    assertThat(kernels.name()).isEqualTo("scalar");
    assertThatThrownBy(() -> kernels.with(Precision.BF16))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("precision=bf16 needs oneDNN: its native code does not load (")
        .hasMessageEndingWith(
            "): add org.bytedeco:dnnl, and org.bytedeco:dnnl, javacpp and opencl with the classifier"
                + " of this platform, such as linux-x86_64");
    assertThatThrownBy(() -> KernelChoice.choose("onednn", false, JVM))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("-Dfundamentallm.kernels=onednn needs oneDNN: its native code");
  }

  @Test
  @Tag("onednn")
  void onednn_is_taken_where_it_runs() {
    Assumptions.assumeFalse(KernelSets.oneDnn().isEmpty());
    assertThat(KernelChoice.choose(null, false, JVM).name()).matches("oneDNN \\S+ \\S+, scalar");
    assertThat(KernelChoice.choose("onednn", false, JVM).name())
        .matches("oneDNN \\S+ \\S+, scalar");
    Kernels scalar = KernelChoice.choose("scalar", true, JVM);
    assertThat(scalar.name()).isEqualTo("scalar");
    assertThatThrownBy(() -> scalar.with(Precision.BF16))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("precision=bf16 needs oneDNN: -Dfundamentallm.kernels=scalar forbids it");
  }

  @Test
  void an_unknown_value_is_refused() {
    assertThatThrownBy(() -> KernelChoice.choose("fast", true, JVM))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("-Dfundamentallm.kernels must be auto, scalar, vector or onednn, not 'fast'");
  }

  @Test
  void the_choice_is_made_once() {
    assertThat(Kernels.best()).isSameAs(Kernels.best());
  }
}
