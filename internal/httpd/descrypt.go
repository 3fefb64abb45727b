package httpd

import "strings"

// desCrypt is the classic password hash of Unix: 25 rounds of DES over zeros, with the password as the key and an
// expansion that two characters of salt vary. It looks at eight characters, seven bits of each. The salt may be a whole
// hash. A salt that is none gives "", which is the hash of nothing.
//
// It is here because password files in this form are in use; nobody should make new ones.
func desCrypt(password, salt string) string {
	if len(salt) < 2 {
		return ""
	}
	low, high := strings.IndexByte(desAlphabet, salt[0]), strings.IndexByte(desAlphabet, salt[1])
	if low < 0 || high < 0 {
		return ""
	}
	var key [64]byte
	for i := range min(len(password), 8) {
		for bit := range 7 {
			key[8*i+bit] = password[i] >> (6 - bit) & 1
		}
	}
	keys := desKeys(key)
	expansion := saltedExpansion(low | high<<6)
	var block [64]byte
	for range 25 {
		block = desRounds(block, &keys, &expansion)
	}
	hash := []byte(salt[:2])
	for i := 0; i < 66; i += 6 { // the last two bits are zeros
		value := 0
		for j := i; j < i+6; j++ {
			value <<= 1
			if j < len(block) {
				value |= int(block[j])
			}
		}
		hash = append(hash, desAlphabet[value])
	}
	return string(hash)
}

const desAlphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// saltedExpansion is the expansion of DES with the entries swapped between its halves where the salt has a one.
func saltedExpansion(salt int) [48]byte {
	var e [48]byte
	for i := range e {
		e[i] = byte((i/6*4 + i%6 + 31) % 32)
	}
	for i := range 12 {
		if salt>>i&1 == 1 {
			e[i], e[i+24] = e[i+24], e[i]
		}
	}
	return e
}

// desKeys makes the sixteen keys of the rounds. Everything here is one bit in a byte.
func desKeys(key [64]byte) (keys [16][48]byte) {
	var cd [56]byte
	for i, from := range desKeyChoice {
		cd[i] = key[from-1]
	}
	for round := range keys {
		turns := 2
		if round == 0 || round == 1 || round == 8 || round == 15 {
			turns = 1
		}
		for range turns {
			c, d := cd[0], cd[28]
			copy(cd[:27], cd[1:28])
			copy(cd[28:55], cd[29:])
			cd[27], cd[55] = c, d
		}
		for i, from := range desRoundKeyChoice {
			keys[round][i] = cd[from-1]
		}
	}
	return keys
}

// desRounds encrypts one block.
func desRounds(block [64]byte, keys *[16][48]byte, expansion *[48]byte) (out [64]byte) {
	var left, right [32]byte
	for i := range 32 { // the initial permutation
		left[i] = block[64-8*(i%8+1)+2*(i/8)+1]
		right[i] = block[64-8*(i%8+1)+2*(i/8)]
	}
	for round := range keys {
		var mixed [32]byte
		for box := range desBoxes {
			var in byte
			for bit := range 6 {
				at := 6*box + bit
				in = in<<1 | right[expansion[at]] ^ keys[round][at]
			}
			row, column := in>>4&2|in&1, in>>1&15
			value := desBoxes[box][16*row+column]
			for bit := range 4 {
				mixed[4*box+bit] = value >> (3 - bit) & 1
			}
		}
		next := left
		for i, from := range desMix {
			next[i] ^= mixed[from-1]
		}
		left, right = right, next
	}
	for i := range 32 { // the halves change places, and the initial permutation is undone
		out[64-8*(i%8+1)+2*(i/8)+1] = right[i]
		out[64-8*(i%8+1)+2*(i/8)] = left[i]
	}
	return out
}

// The tables of DES, as FIPS 46-3 has them.
var (
	desKeyChoice = [56]byte{
		57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2, 59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36,
		63, 55, 47, 39, 31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37, 29, 21, 13, 5, 28, 20, 12, 4,
	}
	desRoundKeyChoice = [48]byte{
		14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4, 26, 8, 16, 7, 27, 20, 13, 2,
		41, 52, 31, 37, 47, 55, 30, 40, 51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
	}
	desMix = [32]byte{
		16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10,
		2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25,
	}
	desBoxes = [8][64]byte{
		{
			14, 4, 13, 1, 2, 15, 11, 8, 3, 10, 6, 12, 5, 9, 0, 7, 0, 15, 7, 4, 14, 2, 13, 1, 10, 6, 12, 11, 9, 5, 3, 8,
			4, 1, 14, 8, 13, 6, 2, 11, 15, 12, 9, 7, 3, 10, 5, 0, 15, 12, 8, 2, 4, 9, 1, 7, 5, 11, 3, 14, 10, 0, 6, 13,
		},
		{
			15, 1, 8, 14, 6, 11, 3, 4, 9, 7, 2, 13, 12, 0, 5, 10, 3, 13, 4, 7, 15, 2, 8, 14, 12, 0, 1, 10, 6, 9, 11, 5,
			0, 14, 7, 11, 10, 4, 13, 1, 5, 8, 12, 6, 9, 3, 2, 15, 13, 8, 10, 1, 3, 15, 4, 2, 11, 6, 7, 12, 0, 5, 14, 9,
		},
		{
			10, 0, 9, 14, 6, 3, 15, 5, 1, 13, 12, 7, 11, 4, 2, 8, 13, 7, 0, 9, 3, 4, 6, 10, 2, 8, 5, 14, 12, 11, 15, 1,
			13, 6, 4, 9, 8, 15, 3, 0, 11, 1, 2, 12, 5, 10, 14, 7, 1, 10, 13, 0, 6, 9, 8, 7, 4, 15, 14, 3, 11, 5, 2, 12,
		},
		{
			7, 13, 14, 3, 0, 6, 9, 10, 1, 2, 8, 5, 11, 12, 4, 15, 13, 8, 11, 5, 6, 15, 0, 3, 4, 7, 2, 12, 1, 10, 14, 9,
			10, 6, 9, 0, 12, 11, 7, 13, 15, 1, 3, 14, 5, 2, 8, 4, 3, 15, 0, 6, 10, 1, 13, 8, 9, 4, 5, 11, 12, 7, 2, 14,
		},
		{
			2, 12, 4, 1, 7, 10, 11, 6, 8, 5, 3, 15, 13, 0, 14, 9, 14, 11, 2, 12, 4, 7, 13, 1, 5, 0, 15, 10, 3, 9, 8, 6,
			4, 2, 1, 11, 10, 13, 7, 8, 15, 9, 12, 5, 6, 3, 0, 14, 11, 8, 12, 7, 1, 14, 2, 13, 6, 15, 0, 9, 10, 4, 5, 3,
		},
		{
			12, 1, 10, 15, 9, 2, 6, 8, 0, 13, 3, 4, 14, 7, 5, 11, 10, 15, 4, 2, 7, 12, 9, 5, 6, 1, 13, 14, 0, 11, 3, 8,
			9, 14, 15, 5, 2, 8, 12, 3, 7, 0, 4, 10, 1, 13, 11, 6, 4, 3, 2, 12, 9, 5, 15, 10, 11, 14, 1, 7, 6, 0, 8, 13,
		},
		{
			4, 11, 2, 14, 15, 0, 8, 13, 3, 12, 9, 7, 5, 10, 6, 1, 13, 0, 11, 7, 4, 9, 1, 10, 14, 3, 5, 12, 2, 15, 8, 6,
			1, 4, 11, 13, 12, 3, 7, 14, 10, 15, 6, 8, 0, 5, 9, 2, 6, 11, 13, 8, 1, 4, 10, 7, 9, 5, 0, 15, 14, 2, 3, 12,
		},
		{
			13, 2, 8, 4, 6, 15, 11, 1, 10, 9, 3, 14, 5, 0, 12, 7, 1, 15, 13, 8, 10, 3, 7, 4, 12, 5, 6, 11, 0, 14, 9, 2,
			7, 11, 4, 1, 9, 12, 14, 2, 0, 6, 10, 13, 15, 3, 5, 8, 2, 1, 14, 7, 4, 10, 8, 13, 15, 12, 9, 0, 3, 5, 6, 11,
		},
	}
)
