package io.fundamentallm.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.lang.EvaluationResult;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the kernels owe to C2; their package says why. */
class KernelsTest {
  private static final String KERNELS = PublishedModule.RUNTIME_CPU + ".kernels";

  /** Called by the loops of training, by soft caps and by norms, which have room for them. */
  private static final List<String> KNOWN =
      List.of(
          KERNELS + ".math.VectorExponential.exp(jdk.incubator.vector.FloatVector)",
          KERNELS + ".math.VectorSums.fold(jdk.incubator.vector.FloatVector)");

  @Test
  void no_method_hands_a_vector_to_another() {
    JavaClasses classes = PublishedModule.named(PublishedModule.RUNTIME_CPU).classes();
    assertThat(classes.stream().filter(type -> type.getName().startsWith(KERNELS + ".product")))
        .as("classes looked at")
        .hasSizeGreaterThan(30);

    EvaluationResult result =
        methods()
            .that(
                DescribedPredicate.describe(
                    "are in kernels",
                    (JavaMethod method) ->
                        method.getOwner().getPackageName().startsWith(KERNELS)
                            && !KNOWN.contains(method.getFullName())))
            .should()
            .notHaveRawReturnType(vectors())
            .andShould()
            .notHaveRawParameterTypes(
                DescribedPredicate.describe(
                    "with a vector", types -> types.stream().anyMatch(vectors())))
            .evaluate(classes);

    assertThat(result.getFailureReport().getDetails()).isEmpty();
  }

  private static DescribedPredicate<JavaClass> vectors() {
    return DescribedPredicate.describe(
        "vectors", type -> type.getName().matches("jdk\\.incubator\\.vector\\.\\w*Vector"));
  }
}
