#!/bin/sh
echo all is fine
echo "  and this is indented"
