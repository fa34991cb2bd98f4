package io.fundamentallm.samplers.decode;

import org.junit.jupiter.api.Nested;

class BeamContractTest {
  @Nested
  class Plain extends OfSpec {
    Plain() {
      super("beam");
    }
  }

  @Nested
  class OfOne extends OfSpec {
    OfOne() {
      super("beam(width=1)");
    }
  }

  @Nested
  class Wide extends OfSpec {
    Wide() {
      super("beam(width=9,n=3,length-penalty=0.6,early-stopping=false)");
    }
  }

  @Nested
  class PreferringShort extends OfSpec {
    PreferringShort() {
      super("beam(width=3,length-penalty=-1,early-stopping=true)");
    }
  }

  @Nested
  class Drawn extends OfSpec {
    Drawn() {
      super("beam(width=4,sample=true)");
    }
  }

  @Nested
  class Diverse extends OfSpec {
    Diverse() {
      super("beam(width=6,groups=3,diversity-penalty=0.5,n=6)");
    }
  }
}
