package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.model.Spec;
import io.fundamentallm.model.SpecFiles;
import io.fundamentallm.spi.Options;

/** The specs of a plan, such as its optimizer. */
public final class PlanSpec {
  private PlanSpec() {}

  /** Name and options of the first stage; nothing in a plan is long enough for a file. */
  public static Options options(String spec) {
    Spec.Stage stage = Spec.parse(spec).stages().get(0).read(SpecFiles.none());
    return Options.of(stage.name(), stage.options());
  }
}
