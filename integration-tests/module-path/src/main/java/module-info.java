/** An application that knows the api alone; what it provides is bound to it at run time. */
module com.example.modular {
  requires io.fundamentallm;
}
