# Sourced by mvnw: runs Maven itself on JDK 25 where one is found, whatever `java` is first on PATH.
#
# javac and the tests get their JDK from Maven's toolchain selection in any case. But
# google-java-format parses with the javac of the Java that runs Maven, and an older one does not
# know today's syntax. When nothing is found here, the toolchain selection has the last word.

is_jdk_25() {
  [ -x "$1/bin/javac" ] && grep -q '^JAVA_VERSION="25[."]' "$1/release" 2>/dev/null
}

prefer_jdk_25() {
  set +f
  for home in "${JAVA_HOME-}" "${JAVA25_HOME-}" "${JAVA_HOME_25_X64-}" "${JAVA_HOME_25_ARM64-}" \
    /usr/lib/jvm/* /opt/java/* /opt/jdk* /usr/java/* \
    "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* "$HOME"/.jabba/jdk/* \
    "$HOME"/.local/share/mise/installs/java/* "$HOME"/.asdf/installs/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home \
    "$HOME"/Library/Java/JavaVirtualMachines/*/Contents/Home; do
    if [ -n "$home" ] && is_jdk_25 "$home"; then
      export JAVA_HOME="$home"
      # Maven's own libraries use JNI and Unsafe; older Javas refuse these flags, so they are not in
      # .mvn/jvm.config.
      export MAVEN_OPTS="--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow ${MAVEN_OPTS-}"
      break
    fi
  done
  set -f
}

prefer_jdk_25
