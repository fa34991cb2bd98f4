/** One sampler stage, found by its name. */
module com.example.lipogram {
  requires io.fundamentallm;

  provides io.fundamentallm.spi.SamplerProvider with
      com.example.lipogram.Lipogram;
}
