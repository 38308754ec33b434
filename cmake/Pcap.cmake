# libpcap as the room `filter` uses it: the compiler of filter expressions and nothing else.
#
# Its look-ups of names (nametoaddr.o) and its D-Bus capture (pcap-dbus.o) are taken out of a copy of
# the static archive, and getaddrinfo, which its scanner calls for IPv6 addresses, gets another name:
# src/filter/pcap_names.cpp has them. So no filter asks a name server, the static binary needs no
# resolver, and what a newer libpcap would look up besides fails the link.
find_library(PCAP_ARCHIVE NAMES libpcap.a REQUIRED)
find_path(PCAP_HEADERS NAMES pcap/pcap.h REQUIRED)
set(PCAP_COPY ${PROJECT_BINARY_DIR}/pcap/libpcap.a)
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/pcap)
add_custom_command(OUTPUT ${PCAP_COPY}
  COMMAND ${CMAKE_COMMAND} -E copy ${PCAP_ARCHIVE} ${PCAP_COPY}
  COMMAND ${CMAKE_AR} d ${PCAP_COPY} nametoaddr.o pcap-dbus.o
  COMMAND ${CMAKE_OBJCOPY} --redefine-sym getaddrinfo=whydrop_getaddrinfo
          --redefine-sym freeaddrinfo=whydrop_freeaddrinfo ${PCAP_COPY}
  DEPENDS ${PCAP_ARCHIVE}
  VERBATIM)
add_custom_target(pcap_copy DEPENDS ${PCAP_COPY})
add_library(pcap_library STATIC IMPORTED)
add_dependencies(pcap_library pcap_copy)
# The archive calls back into the room: the linker has to look there a second time.
set_target_properties(pcap_library PROPERTIES IMPORTED_LOCATION ${PCAP_COPY}
  INTERFACE_INCLUDE_DIRECTORIES ${PCAP_HEADERS} INTERFACE_LINK_LIBRARIES filter)
