/** An application that knows the api alone. */
module com.example.tenant {
  requires io.fundamentallm;

  exports com.example.tenant;
}
