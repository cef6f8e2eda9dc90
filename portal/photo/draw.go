package photo

import (
	"context"
	"fmt"
	"image"
	"image/draw"
)

// shrink draws a picture on white paper so that its longest side is at most
// side pixels. Each pixel is the mean of the area that it covers; beside the
// result it needs the memory of two lines only. A small picture keeps its size.
func shrink(ctx context.Context, src image.Image, side int) (*image.RGBA, error) {
	b := src.Bounds()
	width, height := fit(b.Dx(), b.Dy(), side)
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	line := image.NewRGBA(image.Rect(0, 0, b.Dx(), 1))
	sums := make([]float32, 3*width) // of the line of out that is being filled
	scale := float64(b.Dy()) / float64(height)
	row := 0
	for y := range b.Dy() {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("photo: %w", err)
		}
		draw.Draw(line, line.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(line, line.Rect, src, image.Pt(b.Min.X, b.Min.Y+y), draw.Over)
		means := squeeze(line.Pix, b.Dx(), width)
		end := float64(row+1) * scale
		inside := min(float64(y+1), end) - float64(y)
		add(sums, means, inside/scale)
		if float64(y+1) >= end-1e-6 || y == b.Dy()-1 {
			put(out, row, sums)
			clear(sums)
			if row++; row < height {
				add(sums, means, (1-inside)/scale)
			}
		}
	}
	return out, nil
}

// fit returns the size whose longest side is at most side.
func fit(width, height, side int) (int, int) {
	if longest := max(width, height); longest > side {
		return max(1, width*side/longest), max(1, height*side/longest)
	}
	return width, height
}

// squeeze returns the red, green and blue means of a line of n pixels made
// width pixels long.
func squeeze(pix []byte, n, width int) []float32 {
	means := make([]float32, 3*width)
	scale := float64(n) / float64(width)
	for x := range width {
		from, to := float64(x)*scale, float64(x+1)*scale
		m := means[3*x : 3*x+3]
		for i := int(from); i < n && float64(i) < to-1e-6; i++ {
			w := float32((min(float64(i+1), to) - max(float64(i), from)) / scale)
			p := pix[4*i : 4*i+3]
			m[0] += w * float32(p[0])
			m[1] += w * float32(p[1])
			m[2] += w * float32(p[2])
		}
	}
	return means
}

func add(sums, means []float32, weight float64) {
	for i, m := range means {
		sums[i] += m * float32(weight)
	}
}

func put(out *image.RGBA, row int, sums []float32) {
	pix := out.Pix[row*out.Stride:]
	for x := range out.Rect.Dx() {
		for c := range 3 {
			pix[4*x+c] = byte(min(sums[3*x+c]+0.5, 255))
		}
		pix[4*x+3] = 255
	}
}

// turn puts a picture the right way up (Exif 2.32, 4.6.4: orientation).
func turn(src *image.RGBA, orientation int) *image.RGBA {
	if orientation <= 1 {
		return src
	}
	width, height := src.Rect.Dx(), src.Rect.Dy()
	size := image.Pt(width, height)
	if orientation >= 5 {
		size = image.Pt(height, width)
	}
	out := image.NewRGBA(image.Rectangle{Max: size})
	for y := range size.Y {
		for x := range size.X {
			var from image.Point
			switch orientation {
			case 2:
				from = image.Pt(width-1-x, y)
			case 3:
				from = image.Pt(width-1-x, height-1-y)
			case 4:
				from = image.Pt(x, height-1-y)
			case 5:
				from = image.Pt(y, x)
			case 6:
				from = image.Pt(y, height-1-x)
			case 7:
				from = image.Pt(width-1-y, height-1-x)
			default:
				from = image.Pt(width-1-y, x)
			}
			copy(out.Pix[out.PixOffset(x, y):][:4], src.Pix[src.PixOffset(from.X, from.Y):][:4])
		}
	}
	return out
}
